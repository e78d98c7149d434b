from django.urls import path

from dashboard.library import views

app_name = "library"
urlpatterns = [
    path("t/<slug:team>/library/<slug:name>", views.shelf, name="shelf"),
    path("t/<slug:team>/library/<slug:name>/new", views.create, name="create"),
    path("t/<slug:team>/library/<slug:name>/<int:pk>", views.edit, name="edit"),
    path("t/<slug:team>/library/<slug:name>/<int:pk>/delete", views.delete, name="delete"),
]
