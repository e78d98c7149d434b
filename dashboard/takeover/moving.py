"""What a move of a waiting item comes to: where it goes among the others, and the sentence where it may not."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.lib.errors import Conflict
from dashboard.takeover import order, places
from dashboard.takeover.models import Kind as Made
from dashboard.takeover.models import Takeover
from dashboard.takeover.order import Standing, To
from dashboard.takeover.states import Source, TakeoverState

#: Where an item may be while it is moved. Of an unknown one nobody can say whether it still stands anywhere.
CAN_MOVE = frozenset(
    {
        TakeoverState.HELD,
        TakeoverState.AWAITING_APPROVAL,
        TakeoverState.WAITING,
        TakeoverState.SENDING,
        TakeoverState.ACCEPTED,
        TakeoverState.QUEUED,
    }
)
#: Versions of an item that a page may lag behind; further back any move counts as unseen.
LONGEST_LAG = 40


def check_can_move(item: Takeover) -> None:
    state = TakeoverState(item.state)
    if item.source == Source.SCRIPT:
        raise Conflict(_("The script goes on behind what waits; it can't be moved."))
    if item.source == Source.FOREIGN:
        raise Conflict(_("%(item)s is not ours: the vendor put it there, and it stays there.") % {"item": item})
    if state == TakeoverState.PLAYING:
        raise Conflict(_("%(item)s is being heard already, so it was not moved.") % {"item": item})
    if state == TakeoverState.UNKNOWN:
        raise Conflict(
            _("Nobody knows whether %(item)s still waits, so it was not moved. Check it first.") % {"item": item}
        )
    if state not in CAN_MOVE or not item.job.is_open:
        raise Conflict(
            _("%(item)s does not wait any more (%(state)s), so it was not moved.")
            % {"item": item, "state": state.label}
        )
    if item.kind == Made.VOICE:
        raise Conflict(_("A microphone has no place in the queue."))
    if places.is_fixed(item.job, item):
        raise Conflict(
            _("%(item)s can no longer be moved: MetaStudio has it already and takes no other order.") % {"item": item}
        )


def check_not_moved_by_another(item: Takeover, user: User, version: int | None) -> None:
    """Only a move that the page did not show yet, and that somebody else made, is in the way."""
    if version is None or version >= item.version:
        return
    unseen = range(max(version, item.version - LONGEST_LAG), item.version)
    keys = [f"{Kind.ITEM_MOVED}:{item.job_id}:{item.trace_id}:{number}" for number in unseen]
    moves = Event.objects.filter(dedupe_key__in=keys).exclude(actor_id=user.pk).order_by("-id")
    other = moves.values_list("actor_id", flat=True).first()
    if other is None:
        return
    name = str(User.objects.filter(pk=other).first() or _("Somebody"))
    raise Conflict(
        _("%(name)s moved %(item)s meanwhile, so it stays where they put it. Look at the queue, then move it again.")
        % {"name": name, "item": item}
    )


def index_for(item: Takeover, to: To, anchor: Takeover | None, others: Sequence[Standing]) -> int:
    """Where among the `others` it goes. Head, tail and a neighbour that left mean the nearest place it may take."""
    may = order.allowed(item.rank, others)
    if to == To.HEAD:
        return may.first
    if to == To.TAIL:
        return may.last
    if anchor is None or anchor.job_id != item.job_id:
        raise Conflict(_("These two are not in one queue, so nothing was moved."))
    if anchor.pk == item.pk:
        raise Conflict(_("An item can't stand beside itself."))
    at = next((index for index, one in enumerate(others) if one.pk == anchor.pk), None)
    if at is None:
        return may.nearest(order.index_beside(anchor.place, others))
    index = at + (to == To.AFTER)
    if others[at].is_fixed:
        return may.nearest(index)
    if index != may.nearest(index):
        raise Conflict(_why_not(item, anchor))
    return index


def _why_not(item: Takeover, anchor: Takeover) -> str:
    if order.layer(item.rank) > order.layer(anchor.rank):
        text = _("%(item)s comes from a rule, and what people say goes first. It was not moved before %(other)s.")
    else:
        text = _("%(other)s comes from a rule, and what people say goes first. %(item)s was not moved behind it.")
    return text % {"item": item, "other": anchor}
