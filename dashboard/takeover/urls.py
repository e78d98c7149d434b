from django.urls import path

from dashboard.takeover.views import ask, quiet, settle, words

app_name = "takeover"
urlpatterns = [
    path("t/<slug:team>/rooms/<str:code>/takeovers/", ask.create, name="create"),
    path("t/<slug:team>/rooms/<str:code>/quick", words.quick_row, name="quick_row"),
    path("t/<slug:team>/rooms/<str:code>/quick/<int:pk>", words.quick, name="quick"),
    path("t/<slug:team>/rooms/<str:code>/lint", words.lint, name="lint"),
    path("t/<slug:team>/rooms/<str:code>/silence", quiet.silence, name="silence"),
    path("t/<slug:team>/rooms/<str:code>/resume", quiet.resume, name="resume"),
    path("t/<slug:team>/takeovers/<int:pk>/cancel", settle.cancel, name="cancel"),
    path("t/<slug:team>/takeovers/<int:pk>/mark-spoken", settle.mark_spoken, name="mark_spoken"),
    path("t/<slug:team>/takeovers/<int:pk>/check", settle.check, name="check"),
    path("t/<slug:team>/takeovers/<int:pk>/again", ask.again, name="again"),
]
