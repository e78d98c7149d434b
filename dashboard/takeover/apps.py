from django.apps import AppConfig


class TakeoverConfig(AppConfig):
    name = "dashboard.takeover"
    label = "takeover"
