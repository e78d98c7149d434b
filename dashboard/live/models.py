"""What each running process of the console tells of itself, so that one page can show them all."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProcessKind(models.TextChoices):
    WHOLE = "whole", _("console and relay")
    CONSOLE = "console", _("console")
    RELAY = "relay", _("relay")
    WORKER = "worker", _("worker")


class Process(models.Model):
    """One process that runs. Its `beat` rises every 5 s; watchers compare it on their own clocks."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=16, choices=ProcessKind.choices)
    host = models.CharField(max_length=80)
    process = models.PositiveIntegerField()
    version = models.CharField(max_length=20)
    beat = models.PositiveBigIntegerField(default=0)
    beat_at = models.DateTimeField()
    started_at = models.DateTimeField()
    #: `reports.Figures`, as of the last beat.
    figures = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name
