"""Somebody decides about a job that a vendor runs and nobody here started: the vendor is to end it."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.events.record import raise_sequence
from dashboard.lib import clock
from dashboard.lib.errors import Conflict
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, Decision, Rank, UnclaimedSession

#: A vendor that took the end may still list the job for a moment.
ENDS_WITHIN = timedelta(seconds=30)


def lane(session: UnclaimedSession) -> str:
    return f"account:{session.account_id}:end:{session.pk}"


def close_session(*, session: UnclaimedSession, reason: str, user: User, actor: Actor) -> None:
    """Ask the vendor to end it. Asked once more while that is on its way, nothing is added."""
    account = session.account
    with deeds.locked(account.topic) as now:
        row = UnclaimedSession.objects.select_for_update().filter(pk=session.pk).first()
        if row is None or row.decision == Decision.ADOPT:
            raise Conflict(_("The vendor does not run this job any more, or somebody adopted it. Nothing was ended."))
        if row.decision == Decision.CLOSE:
            return
        UnclaimedSession.objects.filter(pk=row.pk).update(
            decision=Decision.CLOSE, decided_by=user.pk, decided_at=now, error=None
        )
        outbox.enqueue(
            account_id=account.pk,
            lane=lane(row),
            kind=CommandKind.END_SESSION,
            body={"session": row.pk},
            rank=Rank.PANIC,
        )
        trail.record(
            team_id=account.team_id,
            actor=actor,
            action="close_session",
            target=account,
            reason=reason,
            after={"vendor_ref": row.vendor_ref, "state": row.state},
        )
        _tell(session)


def not_closed(session_id: int, error: dict[str, object] | None) -> None:
    """It goes on there: it is offered again, with what the vendor said."""
    row = UnclaimedSession.objects.select_related("account").filter(pk=session_id).first()
    if row is None:
        return
    UnclaimedSession.objects.filter(pk=session_id, decision=Decision.CLOSE).update(decision="", error=error)
    with deeds.locked(row.account.topic):
        _tell(row)


def runs_on(row: UnclaimedSession) -> bool:
    """The vendor took its end, and lists it all the same."""
    if row.decision != Decision.CLOSE or row.decided_at is None or clock.now() - row.decided_at < ENDS_WITHIN:
        return False
    under_way = Command.objects.filter(lane=lane(row), state__in=(CommandState.READY, CommandState.SENDING))
    return not under_way.exists()


def _tell(session: UnclaimedSession) -> None:
    raise_sequence(session.account.topic)
    raise_sequence(f"team:{session.account.team_id}")
