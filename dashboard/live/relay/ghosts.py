"""Jobs that a vendor runs and nobody here started, or that are over here: found in its listing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import transaction

from dashboard.events.record import raise_sequence
from dashboard.jobs.models import IS_OPEN, Job
from dashboard.lib import clock
from dashboard.live.relay.outcomes.shared import error_row, no_answer
from dashboard.vendors import strangers
from dashboard.vendors.models import Command, CommandKind, CommandState, UnclaimedSession, VendorAccount
from dashboard.vendors.port import JobReport, Listing

#: A start whose answer is out is looked for among the listed jobs this long, before they are called nobody's.
START_SETTLES = timedelta(seconds=20)


def note(account: VendorAccount, reports: Sequence[JobReport], listing: Listing, of_ended: Collection[str]) -> None:
    """Keep what `listing` shows of nobody's jobs; open pages are told when one comes, goes, or changes.

    `of_ended`: references among them of jobs that are over here.
    """
    known = {row.vendor_ref: row for row in UnclaimedSession.objects.filter(account=account)}
    moved = False
    for report in reports:
        row = known.pop(report.vendor_ref, None)
        if row is None and report.vendor_ref not in of_ended and _may_be_a_start(account.pk, report):
            continue
        moved |= _keep(account, row, report, listing)
    # Ended there, or adopted and from now on a job of ours.
    gone = UnclaimedSession.objects.filter(account=account, vendor_ref__in=list(known))
    moved |= bool(gone.delete()[0])
    if moved:
        with transaction.atomic():
            raise_sequence(account.topic)
            raise_sequence(f"team:{account.team_id}")


def _may_be_a_start(account_id: int, report: JobReport) -> bool:
    """A start of ours is without its answer: what is new in the list is most likely that."""
    under_way = Command.objects.filter(
        account_id=account_id,
        kind=CommandKind.CREATE,
        state__in=(CommandState.SENDING, CommandState.UNKNOWN),
        claimed_at__gte=clock.now() - START_SETTLES,
    )
    ids = [job_id for job_id in under_way.values_list("job_id", flat=True) if job_id is not None]
    rooms = Job.objects.filter(IS_OPEN, pk__in=ids, vendor_ref="").values_list("room__vendor_ref", flat=True)
    return any(not report.room_ref or not ref or ref == report.room_ref for ref in rooms)


def _keep(account: VendorAccount, row: UnclaimedSession | None, report: JobReport, listing: Listing) -> bool:
    now, state = clock.now(), str(report.says)
    if row is None:
        ended = Job.objects.filter(account=account, vendor_ref=report.vendor_ref).values_list("pk", flat=True).first()
        _row, is_new = UnclaimedSession.objects.get_or_create(
            account=account,
            vendor_ref=report.vendor_ref,
            defaults={
                "state": state,
                "seen_at": now,
                "started_at": report.started_at,
                "first_seen_at": report.started_at or listing.asked_at,
                "user_data": report.user_data[:120],
                "room_ref": report.room_ref[:128],
                "job_id": ended,
            },
        )
        return is_new
    runs_on = strangers.runs_on(row)
    changes: dict[str, object] = {"state": state, "seen_at": now}
    if runs_on:
        changes |= {"decision": "", "error": error_row(no_answer(account.vendor))}
    UnclaimedSession.objects.filter(pk=row.pk).update(**changes)
    return runs_on or row.state != state
