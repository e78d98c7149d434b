"""Who runs background tasks, and when what happens again and again is due. The tasks themselves are the library's."""

from __future__ import annotations

from django.db import models


class Worker(models.Model):
    """One running worker. Its `beat` rises every 5 s; the others compare it on their own clocks."""

    name = models.CharField(max_length=64, unique=True)
    host = models.CharField(max_length=80)
    process = models.PositiveIntegerField()
    beat = models.PositiveBigIntegerField(default=0)
    beat_at = models.DateTimeField()
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Periodic(models.Model):
    """When a task is due next. Several workers may look: moving `due_at` on is what lets one of them ask for it."""

    name = models.CharField(max_length=80, unique=True)
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
