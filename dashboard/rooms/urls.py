from django.urls import path

from dashboard.rooms import views

app_name = "rooms"
urlpatterns = [
    path("t/<slug:team>/rooms/new", views.create, name="create"),
    path("t/<slug:team>/rooms/<str:code>/edit", views.edit, name="edit"),
]
