"""Account commands that are about no job: connection tests, pushing a room to the vendor, importing its rooms."""

from __future__ import annotations

from dashboard.lib.threads import in_thread
from dashboard.live.relay import account_claims
from dashboard.live.relay.health import set_health
from dashboard.live.relay.keeper import Keeper
from dashboard.live.relay.outcomes.shared import error_row, in_topic, no_answer
from dashboard.rooms.models import Room
from dashboard.rooms.services import at_vendor as rooms
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState, Health, VendorAccount
from dashboard.vendors.port import (
    Accepted,
    AccountCheck,
    Gateway,
    NotSent,
    Outcome,
    Rejected,
    RoomSummary,
)


async def perform(command: Command, account: VendorAccount, keeper: Keeper, gateway: Gateway) -> None:
    if not await in_thread(account_claims.claim, command, keeper):
        return
    if command.kind == CommandKind.TEST:
        await in_thread(_tested, command, account, await gateway.check_account())
    elif command.kind == CommandKind.PUSH_ROOM:
        plan = await in_thread(rooms.push_plan, int(command.body["room"]))
        outcome = await (gateway.update_room(plan) if plan.vendor_ref else gateway.create_room(plan))
        await in_thread(_pushed, command, outcome, without_rules=plan.rules == ())
    elif "into" in command.body:
        ref = await in_thread(rooms.room_ref, int(command.body["into"]))
        await in_thread(_filled, command, await gateway.show_room(ref))
    else:
        await in_thread(_imported, command, account, await _rooms_at_vendor(account, gateway))


async def _rooms_at_vendor(account: VendorAccount, gateway: Gateway) -> Outcome[tuple[RoomSummary, ...]]:
    """The vendor's rooms; those that are new here are asked for one by one, since the list holds no scripts."""
    listed = await gateway.list_rooms()
    if not isinstance(listed, Accepted):
        return listed
    known = await in_thread(rooms.known_refs, account)
    found = []
    for summary in listed.value:
        if summary.vendor_ref in known:
            continue
        shown = await gateway.show_room(summary.vendor_ref)
        if not isinstance(shown, Accepted):
            return shown
        found.append(shown.value)
    return Accepted(tuple(found), listed.request_id)


def _tested(command: Command, account: VendorAccount, outcome: Outcome[AccountCheck]) -> None:
    if isinstance(outcome, Accepted):
        set_health(account, Health.OK, skew_ms=outcome.value.clock_skew_ms)
        outbox.settle(command, CommandState.ACCEPTED)
    elif isinstance(outcome, Rejected):
        set_health(account, Health.REFUSED, outcome.error)
        outbox.settle(command, CommandState.REJECTED, error=error_row(outcome.error))
    else:
        error = no_answer(account.vendor)
        set_health(account, Health.UNREACHABLE, error)
        outbox.settle(command, CommandState.REJECTED, error=error_row(error))


def _pushed(command: Command, outcome: Outcome[RoomSummary], *, without_rules: bool = False) -> None:
    """One transaction: a room that the vendor made and whose reference was lost would be made there a second time."""
    room = Room.objects.select_related("account").get(pk=command.body["room"])
    in_topic(room.topic, lambda: _push_settled(room, command, outcome, without_rules))


def _push_settled(room: Room, command: Command, outcome: Outcome[RoomSummary], without_rules: bool) -> None:
    if isinstance(outcome, Accepted):
        held = outcome.value.vendor_ref
        outbox.settle(command, CommandState.ACCEPTED, vendor_ref=held)
        version = int(command.body["version"])
        rooms.room_pushed(room, vendor_ref=held, version=version, without_rules=without_rules)
    elif isinstance(outcome, Rejected):
        outbox.settle(command, CommandState.REJECTED, error=error_row(outcome.error))
        rooms.room_refused(room, error_row(outcome.error, outcome.request_id))
    elif isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    else:
        push_unsure(command, outcome.why)


def push_unsure(command: Command, why: str) -> None:
    """An update may be repeated; a create may not, or the vendor holds two. The import finds what is there."""
    room = Room.objects.select_related("account").get(pk=command.body["room"])
    if room.vendor_ref:
        outbox.put_back(command, after_s=2.0, reason=why)
        return

    def doubt() -> None:
        outbox.settle(command, CommandState.UNKNOWN)
        rooms.room_refused(room, error_row(no_answer(room.account.vendor)))

    in_topic(room.topic, doubt)


def _filled(command: Command, outcome: Outcome[RoomSummary]) -> None:
    """The one room that was made here for a job which its vendor runs."""
    if isinstance(outcome, Accepted):
        rooms.fill_room(int(command.body["into"]), outcome.value)
        outbox.settle(command, CommandState.ACCEPTED)
    elif isinstance(outcome, Rejected):
        room = Room.objects.get(pk=command.body["into"])
        outbox.settle(command, CommandState.REJECTED, error=error_row(outcome.error))
        rooms.room_refused(room, error_row(outcome.error, outcome.request_id))
    else:
        after_s = outcome.retry_after_s if isinstance(outcome, NotSent) else 2.0
        outbox.put_back(command, after_s=after_s, reason=outcome.why)


def _imported(command: Command, account: VendorAccount, outcome: Outcome[tuple[RoomSummary, ...]]) -> None:
    if isinstance(outcome, Accepted):
        added = rooms.import_rooms(account, outcome.value)
        outbox.settle(command, CommandState.ACCEPTED, vendor_ref=str(added))
    elif isinstance(outcome, NotSent):
        outbox.put_back(command, after_s=outcome.retry_after_s, reason=outcome.why)
    elif isinstance(outcome, Rejected):
        outbox.settle(command, CommandState.REJECTED, error=error_row(outcome.error))
    else:
        outbox.put_back(command, after_s=2.0, reason=outcome.why)
