from django.apps import AppConfig


class AudienceConfig(AppConfig):
    name = "dashboard.audience"
    label = "audience"
