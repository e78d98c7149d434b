from django.apps import AppConfig


class RehearsalConfig(AppConfig):
    name = "dashboard.rehearsal"
    label = "rehearsal"
