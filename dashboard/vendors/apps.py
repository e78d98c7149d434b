from django.apps import AppConfig


class VendorsConfig(AppConfig):
    name = "dashboard.vendors"
    label = "vendors"
