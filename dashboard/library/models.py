"""What a team keeps ready to be said and shown."""

from __future__ import annotations

from django.db import models

from dashboard.accounts.models import Team, User


class Clip(models.Model):
    """An audio file as it came, and its sound as 16 kHz mono beside it. Both lie under names of our own."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="clips")
    name = models.CharField(max_length=120)
    #: What is heard, in words: for the queue, for search, and for those who can't listen.
    transcript = models.TextField(max_length=4000, blank=True, default="")
    #: What the file was called where it came from; only ever shown as text.
    file_name = models.CharField(max_length=255, blank=True, default="")
    form = models.CharField(max_length=8)
    stored_as = models.CharField(max_length=40, unique=True)
    size = models.PositiveIntegerField()
    duration_ms = models.PositiveIntegerField()
    #: The loudest of each part, 0 to 100, for a small picture.
    peaks = models.JSONField(default=list)
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField()
    #: Taken from the library; its file stays while something may still play it.
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["team", "removed_at", "name"], name="clip_of_team")]

    def __str__(self) -> str:
        return self.name

    @property
    def seconds(self) -> float:
        return self.duration_ms / 1000
