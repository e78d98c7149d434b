"""The event log: one row per fact, immutable, numbered per room, account or team."""

from __future__ import annotations

from django.db import models


class Band(models.IntegerChoices):
    """Sequences are locked in this order, then by id, so that two batches can't lock each other out."""

    ROOM = 0
    ACCOUNT = 1
    TEAM = 2


class Sequence(models.Model):
    topic = models.CharField(max_length=40, unique=True)
    band = models.PositiveSmallIntegerField(choices=Band.choices)
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.topic} at {self.seq}"


class Source(models.TextChoices):
    VENDOR = "vendor"
    OPERATOR = "operator"
    AUDIENCE = "audience"
    RULE = "rule"
    CONSOLE = "console"


class EventOutcome(models.TextChoices):
    APPLIED = "applied"
    NOTHING_NEW = "nothing_new"
    MISFIT = "misfit"
    WAITING = "waiting"
    FAILED = "failed"


class Event(models.Model):
    """Plain ids, no foreign keys: events sit below what they speak of and outlive it."""

    team_id = models.BigIntegerField()
    account_id = models.BigIntegerField(null=True)
    room_id = models.BigIntegerField(null=True)
    job_id = models.BigIntegerField(null=True)
    sequence = models.ForeignKey(Sequence, on_delete=models.PROTECT, db_constraint=False, related_name="+")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=16, choices=Source.choices)
    dedupe_key = models.CharField(max_length=160, unique=True)
    #: A vendor's reference that was not ours yet when the fact came; the fact waits for it.
    ref = models.CharField(max_length=128, blank=True, default="")
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=16, choices=EventOutcome.choices)
    data = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sequence", "seq"], name="event_seq_once")]
        indexes = [
            models.Index(fields=["job_id", "id"], name="event_job"),
            models.Index(fields=["job_id", "kind", "id"], name="event_job_kind"),
            models.Index(fields=["account_id", "ref"], condition=models.Q(outcome="waiting"), name="event_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.seq}"
