"""What the audience does: comments and the like are events; here is how far they went on to the vendor."""

from __future__ import annotations

from django.db import models

from dashboard.jobs.models import Job


class ReportCursor(models.Model):
    """How far a job's audience events were forwarded to the vendor's event report.

    `batch_to_seq` is set, durable, before a batch leaves. A batch whose outcome is unknown is never repeated: its
    events are counted in `unsure_events` and the cursor goes on.
    """

    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="report_cursor")
    sent_through_seq = models.BigIntegerField(default=0)
    batch_to_seq = models.BigIntegerField(null=True, blank=True)
    batch_sent_at = models.DateTimeField(null=True, blank=True)
    unsure_events = models.PositiveIntegerField(default=0)
    last_ok_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.job_id} through {self.sent_through_seq}"
