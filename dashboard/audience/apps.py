from importlib import import_module

from django.apps import AppConfig


class AudienceConfig(AppConfig):
    name = "dashboard.audience"
    label = "audience"

    def ready(self) -> None:
        import_module("dashboard.audience.answers")  # joins `takeover.causes`
