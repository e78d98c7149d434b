from django.urls import path

from dashboard.takeover import views

app_name = "takeover"
urlpatterns = [
    path("t/<slug:team>/rooms/<str:code>/takeovers/", views.create, name="create"),
    path("t/<slug:team>/rooms/<str:code>/silence", views.silence, name="silence"),
    path("t/<slug:team>/rooms/<str:code>/resume", views.resume, name="resume"),
    path("t/<slug:team>/takeovers/<int:pk>/cancel", views.cancel, name="cancel"),
    path("t/<slug:team>/takeovers/<int:pk>/mark-spoken", views.mark_spoken, name="mark_spoken"),
    path("t/<slug:team>/takeovers/<int:pk>/check", views.check, name="check"),
    path("t/<slug:team>/takeovers/<int:pk>/again", views.again, name="again"),
]
