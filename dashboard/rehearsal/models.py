"""Rehearsals: one scripted incident, played to one room of a sandbox account."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from dashboard.accounts.models import Team, User
from dashboard.rehearsal.scenarios import BY_SLUG, Scenario
from dashboard.rooms.models import Room

IS_OPEN = models.Q(ended_at=None)


class Run(models.Model):
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="rehearsals")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="rehearsals")
    scenario_slug = models.CharField(max_length=40)
    #: Nobody was told which incident it is, nor when it begins.
    is_surprise = models.BooleanField(default=False)
    started_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField()
    incident_at = models.DateTimeField()
    #: When it ends by itself.
    over_at = models.DateTimeField()
    #: What the sandbox holds for it, so that an early end takes it back.
    fault_ids = models.JSONField(default=list)
    #: The wrong words have been handed to the host.
    words_at = models.DateTimeField(null=True, blank=True)
    noticed_at = models.DateTimeField(null=True, blank=True)
    noticed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    #: What the sandbox heard, kept when the debrief is first read: its own record does not last.
    heard = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room"], condition=IS_OPEN, name="rehearsal_one_open_per_room")]
        indexes = [
            models.Index(fields=["team", "-id"], name="rehearsal_team"),
            models.Index(fields=["over_at"], condition=IS_OPEN, name="rehearsal_open"),
        ]

    def __str__(self) -> str:
        return f"{self.scenario_slug} in {self.room.code}"

    @property
    def scenario(self) -> Scenario:
        return BY_SLUG[self.scenario_slug]

    @property
    def length(self) -> timedelta:
        return self.over_at - self.incident_at
