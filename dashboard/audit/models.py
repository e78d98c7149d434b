"""What people and rules did, and what was refused. Rows are only ever added; a seal may be set later."""

from __future__ import annotations

from django.db import models


class AuditEntry(models.Model):
    """Plain ids, no foreign keys: the trail sits below what it speaks of and outlives it."""

    team_id = models.BigIntegerField()
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_label = models.CharField(max_length=120)
    role = models.CharField(max_length=16, blank=True, default="")
    action = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=40)
    target_id = models.BigIntegerField()
    room_id = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    result = models.CharField(max_length=40)
    address = models.GenericIPAddressField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField()
    seal = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["team_id", "at"], name="audit_team_at"),
            models.Index(fields=["room_id", "at"], name="audit_room_at"),
            models.Index(fields=["actor_id", "at"], name="audit_actor_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_label} {self.action} {self.target_kind} {self.target_id}"
