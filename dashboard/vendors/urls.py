from django.urls import path

from dashboard.vendors import views

app_name = "vendors"
urlpatterns = [
    path("t/<slug:team>/help/errors", views.help_errors, name="help_errors"),
    path("t/<slug:team>/vendor-accounts/new", views.create, name="create"),
    path("t/<slug:team>/vendor-accounts/<int:pk>", views.edit, name="detail"),
    path("t/<slug:team>/vendor-accounts/<int:pk>/test", views.test, name="test"),
    path("t/<slug:team>/vendor-accounts/<int:pk>/import", views.import_rooms, name="import_rooms"),
]
