from django.urls import path

from dashboard.jobs import views

app_name = "jobs"
urlpatterns = [
    path("t/<slug:team>/rooms/<str:code>/start", views.start, name="start"),
    path("t/<slug:team>/rooms/<str:code>/stop", views.stop, name="stop"),
]
