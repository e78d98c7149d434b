"""The order of a queue, pure: who stands before whom, where a newcomer or a moved item goes, how a vendor is put right.

A queue is a list of `Standing` by `place`. Numbers of places leave gaps; where one is used up, `spread` makes new ones.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

PLACE_STEP = 1024
#: Ranks as in `vendors.models.Rank`, which this pure module does not import: up to here people speak.
LAST_OF_PEOPLE = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """One item of a queue as far as its order goes. `is_fixed`: the vendor has it, and nothing gets before it."""

    pk: int
    rank: int
    place: int
    is_fixed: bool = False


class To(StrEnum):
    HEAD = "head"
    TAIL = "tail"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Range:
    """Between which indexes of the others an item may stand, both included."""

    first: int
    last: int

    def nearest(self, index: int) -> int:
        return max(self.first, min(index, self.last))


def layer(rank: int) -> int:
    """People may order what people said as they like; rules come behind them, the script behind all."""
    return 0 if rank <= LAST_OF_PEOPLE else rank


def allowed(rank: int, others: Sequence[Standing]) -> Range:
    """Where an item of `rank` may stand among `others`: behind what is fixed or higher, before what is lower."""
    mine = layer(rank)
    behind = [index for index, other in enumerate(others) if other.is_fixed or layer(other.rank) < mine]
    before = [index for index, other in enumerate(others) if not other.is_fixed and layer(other.rank) > mine]
    first = behind[-1] + 1 if behind else 0
    return Range(first, max(first, before[0] if before else len(others)))


def index_of_newcomer(rank: int, others: Sequence[Standing], *, at_head: bool) -> int:
    """Behind all of its rank and above; with `at_head` before those of its own rank. A smaller number is higher."""
    ahead = [index for index, one in enumerate(others) if one.rank < rank or (one.rank == rank and not at_head)]
    return ahead[-1] + 1 if ahead else 0


def index_beside(anchor_place: int, others: Sequence[Standing]) -> int:
    """Where an item stood that has left the queue meanwhile: its place tells."""
    return bisect_right([other.place for other in others], anchor_place)


def place_at(index: int, others: Sequence[Standing]) -> int | None:
    """A number between the neighbours of `index`; None where none is left between them, or there are no neighbours."""
    before = others[index - 1].place if index > 0 else None
    after = others[index].place if index < len(others) else None
    if before is None and after is None:
        return None
    if before is None:
        return (after or 0) - PLACE_STEP
    if after is None:
        return before + PLACE_STEP
    middle = (before + after) // 2
    return middle if before < middle < after else None


def spread(count: int, first: int) -> list[int]:
    """`count` places with whole gaps, from `first` on."""
    return [first + index * PLACE_STEP for index in range(count)]


# ------------------------------------------------------------------------------------------------------ at the vendor


@dataclass(frozen=True, slots=True)
class Step:
    """Move `trace_id` to `place` of the vendor's waiting queue; 1 is next after what plays."""

    trace_id: str
    place: int


def steps(vendor: Sequence[str], wanted: Sequence[str]) -> list[Step]:
    """The fewest moves that bring `vendor` (what waits there) into the order of `wanted`, one after the other.

    What is in only one of the two keeps its place, or is not there.
    """
    present = set(vendor)
    order = [trace_id for trace_id in wanted if trace_id in present]
    rank = {trace_id: index for index, trace_id in enumerate(order)}
    staying = _longest_rising([rank[trace_id] for trace_id in vendor if trace_id in rank])
    queue, made = list(vendor), []
    for index, trace_id in enumerate(order):
        if index in staying:
            continue
        queue.remove(trace_id)
        at = queue.index(order[index - 1]) + 1 if index else _before_all(queue, rank)
        queue.insert(at, trace_id)
        made.append(Step(trace_id, at + 1))
    return made


def _before_all(queue: Sequence[str], rank: dict[str, int]) -> int:
    """Before the first item that is ours to order."""
    return next((index for index, trace_id in enumerate(queue) if trace_id in rank), len(queue))


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """The members of one longest rising run within `numbers`: these need not move."""
    tails: list[int] = []  # index into numbers of the smallest end of a run of each length
    previous: list[int | None] = []
    for index, number in enumerate(numbers):
        length = bisect_right([numbers[at] for at in tails], number)
        previous.append(tails[length - 1] if length else None)
        tails[length : length + 1] = [index]
    found: set[int] = set()
    at = tails[-1] if tails else None
    while at is not None:
        found.add(numbers[at])
        at = previous[at]
    return found
