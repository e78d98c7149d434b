"""Wiring only."""

from __future__ import annotations

from django.urls import include, path

from dashboard.accounts.views import csrf, home, set_language

urlpatterns = [
    # What is asked for most often stands first: each pattern before it is tried.
    path("", include("dashboard.live.intake.urls")),
    path("", include("dashboard.live.hub.urls")),
    path("", home, name="home"),
    path("csrf", csrf, name="csrf"),
    path("language", set_language, name="set_language"),
    path("", include("dashboard.accounts.urls")),
    path("", include("dashboard.library.urls")),
    path("", include("dashboard.rooms.urls")),
    path("", include("dashboard.jobs.urls")),
    path("", include("dashboard.takeover.urls")),
    path("", include("dashboard.audience.urls")),
    path("", include("dashboard.vendors.urls")),
    path("", include("dashboard.rehearsal.urls")),
    path("", include("dashboard.console.urls")),
    path("", include("dashboard.live.seeing.urls")),
]
