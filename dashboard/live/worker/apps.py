from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "dashboard.live.worker"
    label = "worker"
