"""How many jobs and accounts a relay should keep, and which of its own another may have without anybody noticing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Model, QuerySet

from dashboard.jobs.models import IS_OPEN, Job
from dashboard.lib import clock
from dashboard.takeover.models import Floor
from dashboard.vendors.models import Command, CommandState, VendorAccount

#: So many change hands in a second at most: each costs its link to the vendor a moment.
MOST_MOVES = 8
#: What nobody took for so long is taken by whoever sees it, whatever its share: somebody beats but takes nothing.
PATIENCE_S = 5.0


@dataclass(slots=True)
class Waits:
    """How long this relay has seen each row without a living owner; monotonic, and its own view alone."""

    since: dict[tuple[type[Model], int], float] = field(default_factory=dict)

    def too_long(self, model: type[Model], ids: Sequence[int]) -> set[int]:
        now = clock.monotonic()
        seen = {(model, pk): self.since.get((model, pk), now) for pk in ids}
        self.since = {key: at for key, at in self.since.items() if key[0] is not model} | seen
        return {pk for (_, pk), at in seen.items() if now - at >= PATIENCE_S}


def fair(total: int, relays: int) -> int:
    """The most that one of `relays` keeps of `total`."""
    return -(-total // max(1, relays))


def wanted(free: Sequence[int], *, mine: int, share: int, at: int, overdue: set[int]) -> list[int]:
    """Which of the `free` to take now. `at` is this relay's place among the living: each begins elsewhere, so that two
    that look at once do not reach for the same."""
    begin = at * share % max(1, len(free))
    turned = [*free[begin:], *free[:begin]]
    room = max(0, share - mine)
    return [*turned[:room], *(pk for pk in turned[room:] if pk in overdue)]


def movable_jobs(name: str, surplus: int) -> tuple[int, ...]:
    """Jobs of `name` in which nobody speaks by microphone and nothing is on its way to the vendor."""
    busy = _busy().exclude(job_id=None).values("job_id")
    speaking = Floor.objects.exclude(talker="").values("job_id")
    mine = Job.objects.filter(IS_OPEN, owner=name).exclude(pk__in=busy).exclude(pk__in=speaking)
    return _some(mine, surplus)


def movable_accounts(name: str, surplus: int) -> tuple[int, ...]:
    mine = VendorAccount.objects.filter(owner=name, archived_at=None)
    return _some(mine.exclude(pk__in=_busy().values("account_id")), surplus)


def _busy() -> QuerySet[Command]:
    return Command.objects.filter(state=CommandState.SENDING)


def _some(rows: QuerySet[Job] | QuerySet[VendorAccount], surplus: int) -> tuple[int, ...]:
    if surplus <= 0:
        return ()
    return tuple(rows.order_by("-id").values_list("id", flat=True)[: min(surplus, MOST_MOVES)])
