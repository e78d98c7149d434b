from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "dashboard.library"
    label = "library"
