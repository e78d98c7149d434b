from django.urls import path

from dashboard.rehearsal.views import acts, knobs, show

app_name = "rehearsal"
urlpatterns = [
    path("t/<slug:team>/rehearsal", show.page, name="page"),
    path("t/<slug:team>/rehearsal/now", show.now, name="now"),
    path("t/<slug:team>/rehearsal/runs", acts.start, name="start"),
    path("t/<slug:team>/rehearsal/runs/<int:pk>", show.debrief, name="debrief"),
    path("t/<slug:team>/rehearsal/runs/<int:pk>/notice", acts.notice, name="notice"),
    path("t/<slug:team>/rehearsal/runs/<int:pk>/end", acts.end, name="end"),
    path("t/<slug:team>/rehearsal/faults", knobs.add_fault, name="add_fault"),
    path("t/<slug:team>/rehearsal/faults/take-back", knobs.take_back, name="take_back"),
    path("t/<slug:team>/rehearsal/speed", knobs.speed, name="speed"),
    path("t/<slug:team>/rehearsal/rooms/<str:code>/audience", knobs.audience, name="audience"),
    path("t/<slug:team>/rehearsal/rooms/<str:code>/strip", show.strip, name="strip"),
]
