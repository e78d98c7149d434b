from django.urls import include, path

from dashboard.console.views import accounts, asked, desk, job, jobs, rooms, rule_log, silences, takeovers, wall

app_name = "console"
urlpatterns = [
    path("", include("dashboard.console.urls_steer")),
    path("t/<slug:team>/", wall.root, name="root"),
    path("t/<slug:team>/wall", wall.wall, name="wall"),
    path("t/<slug:team>/rooms", rooms.rooms, name="rooms"),
    path("t/<slug:team>/rooms/<str:code>", desk.desk, name="desk"),
    path("t/<slug:team>/rooms/<str:code>/asked", asked.asked, name="asked"),
    path("t/<slug:team>/rooms/<str:code>/rules/log", rule_log.rule_log, name="rule_log"),
    path("t/<slug:team>/takeovers", takeovers.takeovers, name="takeovers"),
    path("t/<slug:team>/silences", silences.silences, name="silences"),
    path("t/<slug:team>/jobs", jobs.jobs, name="jobs"),
    path("t/<slug:team>/jobs/<int:pk>", job.job, name="job"),
    path("t/<slug:team>/vendor-accounts", accounts.vendor_accounts, name="vendor_accounts"),
]
