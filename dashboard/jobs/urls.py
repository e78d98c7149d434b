from django.urls import path

from dashboard.jobs.views import running, strangers

app_name = "jobs"
urlpatterns = [
    path("t/<slug:team>/rooms/<str:code>/start", running.start, name="start"),
    path("t/<slug:team>/rooms/<str:code>/stop", running.stop, name="stop"),
    path("t/<slug:team>/jobs/unclaimed/<int:pk>/adopt", strangers.adopt, name="adopt"),
    path("t/<slug:team>/jobs/unclaimed/<int:pk>/close", strangers.close, name="close_session"),
]
