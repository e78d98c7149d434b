from django.urls import path

from dashboard.console import views

app_name = "console"
urlpatterns = [
    path("t/<slug:team>/wall", views.wall, name="wall"),
    path("t/<slug:team>/rooms", views.rooms, name="rooms"),
    path("t/<slug:team>/rooms/<str:code>", views.desk, name="desk"),
    path("t/<slug:team>/takeovers", views.takeovers, name="takeovers"),
    path("t/<slug:team>/jobs", views.jobs, name="jobs"),
    path("t/<slug:team>/jobs/<int:pk>", views.job, name="job"),
    path("t/<slug:team>/vendor-accounts", views.vendor_accounts, name="vendor_accounts"),
]
