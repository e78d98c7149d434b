"""Pages that steer a running job; part of `console.urls`."""

from django.urls import path

from dashboard.console.views import steer

urlpatterns = [
    path("t/<slug:team>/rooms/<str:code>/script", steer.script, name="script"),
    path("t/<slug:team>/rooms/<str:code>/steer", steer.steer, name="steer"),
    path("t/<slug:team>/rooms/<str:code>/scene-form", steer.scene, name="scene"),
]
