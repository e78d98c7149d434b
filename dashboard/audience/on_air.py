"""Other rules for a running job whose vendor runs none."""

from __future__ import annotations

from dashboard.audience.models import RuleCursor
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.states import ChangeKind, ChangeState


def as_on_air(cursor: RuleCursor, job: Job) -> RuleCursor:
    """Where somebody put other rules on air, they decide from now on; what a rule of the same index has seen stays."""
    if job.rules is None or job.rules == cursor.rules:
        return cursor
    put = JobChange.objects.filter(job=job, kind=ChangeKind.RULES, state=ChangeState.ACCEPTED).first()
    cursor.rules = job.rules
    if put is not None:
        cursor.rule_set_name = str(put.payload.get("name") or "")
        cursor.rule_set_version = put.payload.get("version")
    cursor.save(update_fields=["rules", "rule_set_name", "rule_set_version"])
    return cursor
