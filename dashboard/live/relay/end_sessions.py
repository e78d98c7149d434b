"""Ends jobs at a vendor that nobody here started, where somebody asked for it."""

from __future__ import annotations

from dashboard.lib.threads import in_thread
from dashboard.live.relay import account_claims
from dashboard.live.relay.keeper import Keeper
from dashboard.live.relay.outcomes.shared import HARMLESS_TRIES, error_row, no_answer
from dashboard.vendors import outbox, strangers
from dashboard.vendors.models import Command, CommandState, Decision, UnclaimedSession, VendorAccount
from dashboard.vendors.port import Accepted, Gateway, NotSent, Outcome, Rejected, Session


async def end(command: Command, keeper: Keeper, gateway: Gateway) -> None:
    """Ask the vendor to end the session that `command` is about."""
    if not await in_thread(account_claims.claim, command, keeper):
        return
    session = await in_thread(_session_of, command)
    if not keeper.alive():
        outcome: Outcome[None] = NotSent("overtaken")
    else:
        outcome = Accepted(None) if session is None else await gateway.stop_job(session)
    await in_thread(_ended, command, outcome)


def _session_of(command: Command) -> Session | None:
    """None where it is not listed any more, or somebody adopted it: there is nothing to end."""
    row = UnclaimedSession.objects.filter(pk=int(command.body["session"]), decision=Decision.CLOSE).first()
    return Session(row.vendor_ref, room_ref=row.room_ref) if row is not None else None


def _ended(command: Command, outcome: Outcome[None]) -> None:
    if isinstance(outcome, Accepted):
        outbox.settle(command, CommandState.ACCEPTED, request_id=outcome.request_id)
    elif isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    elif isinstance(outcome, Rejected):
        error = error_row(outcome.error, outcome.request_id)
        outbox.settle(command, CommandState.REJECTED, error=error, request_id=outcome.request_id)
        strangers.not_closed(int(command.body["session"]), error)
    else:
        end_unsure(command, outcome.why)


def end_unsure(command: Command, why: str) -> None:
    """Ending twice changes nothing: it goes again, and after some tries somebody is told."""
    if command.attempts < HARMLESS_TRIES:
        outbox.put_back(command, after_s=1.0, reason=why, may_have_left=True)
        return
    outbox.settle(command, CommandState.UNKNOWN)
    account = VendorAccount.objects.get(pk=command.account_id)
    strangers.not_closed(int(command.body["session"]), error_row(no_answer(account.vendor)))
