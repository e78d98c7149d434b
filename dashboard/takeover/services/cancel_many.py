"""An operator cancels several items at once, in one room or across rooms: each as if alone, all that can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.utils.translation import gettext as _

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.lib.errors import Conflict
from dashboard.takeover import commands
from dashboard.takeover.models import Takeover
from dashboard.takeover.services.settle import cancel_takeover
from dashboard.takeover.states import CAN_CANCEL, TakeoverState


@dataclass(slots=True)
class Cancelled:
    """What became of each: asked to be cancelled, kept with the reason, or over before."""

    asked: list[Takeover] = field(default_factory=list)
    kept: list[tuple[Takeover, str]] = field(default_factory=list)
    over: list[Takeover] = field(default_factory=list)


def cancel_items(*, items: Sequence[Takeover], user: User, actor: Actor) -> Cancelled:
    """Cancel these items, room by room in one transaction each. What a vendor can't give back is kept, with its reason.

    The last of a queue first: what stands behind a cancelled item never gets its place and leaves.
    """
    result = Cancelled()
    in_rooms = sorted(items, key=lambda item: (item.room_id, -item.place, -item.pk))
    for _room_id, group in groupby(in_rooms, key=lambda item: item.room_id):
        of_room = list(group)
        with deeds.locked(of_room[0].job.topic):
            for item in of_room:
                cancel_one(item, user, actor, result)
    return result


def cancel_one(item: Takeover, user: User, actor: Actor, result: Cancelled) -> None:
    item.refresh_from_db()
    if TakeoverState(item.state) not in CAN_CANCEL and item.state != TakeoverState.CANCELLING:
        result.over.append(item)
        return
    if item.state == TakeoverState.SENDING and commands.can_drop(item.job):
        result.kept.append((item, _("It is on its way to the vendor just now. Cancel it in a moment.")))
        return
    try:
        result.asked.append(cancel_takeover(item=item, user=user, actor=actor, is_urgent=False))
    except Conflict as refused:
        result.kept.append((item, refused.message))
