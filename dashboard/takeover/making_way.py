"""A streamed clip takes an empty queue at the vendor; what goes for it follows from how it was asked for.

*At end*: what people asked for is heard first, our script's waiting paragraph is taken back and said afterwards.
*After sentence*: what waits at the vendor is cancelled, what is being spoken ends. *Now*: that is cut, too.
"""

from __future__ import annotations

from dashboard.events.kinds import Kind as FactKind
from dashboard.takeover import commands
from dashboard.takeover.decisions import decided, tell
from dashboard.takeover.models import IS_OPEN, Takeover
from dashboard.takeover.rules import may_cut
from dashboard.takeover.states import Mode, Source, TakeoverState
from dashboard.takeover.streamed import THERE


def make_way(item: Takeover) -> bool:
    """True once nothing is in the way of `item`; until then, what may be cancelled for it is. The room is locked."""
    there = list(
        Takeover.objects.filter(IS_OPEN, job_id=item.job_id, state__in=THERE)
        .exclude(pk=item.pk)
        .select_related("job__account", "job__room")
    )
    if not there:
        return True
    for_it = [one for one in there if one.cancel_requested_at is None and _goes_for(item, one)]
    if for_it:
        Takeover.objects.filter(pk__in=[one.pk for one in for_it]).update(cut_by=item)
        wishes = [decided(one, FactKind.ITEM_CANCEL_REQUESTED, user=item.author) for one in for_it]
        tell(*wishes)
        commands.cancel(item.job, for_it, is_urgent=False)
    return False


def _goes_for(item: Takeover, other: Takeover) -> bool:
    if other.state in (TakeoverState.SENDING, TakeoverState.CANCELLING):
        return False  # its outcome is on its way
    if item.mode == Mode.NOW:
        return may_cut(item.rank, other.rank, is_now=True)
    if other.state == TakeoverState.PLAYING:
        return False
    return other.source == Source.SCRIPT or (item.mode == Mode.INSERT and item.rank <= other.rank)
