from django.apps import AppConfig


class RoomsConfig(AppConfig):
    name = "dashboard.rooms"
    label = "rooms"
