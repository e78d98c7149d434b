"""Whole lists from pages that may shift while they are read.

A job that ends between two pages moves its successors up, and one of them would be in neither page: it would look as
if it had ended. So each page begins with the last entry of the one before; if that is not there, reading starts again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from dashboard.vendors.http import Reply
from dashboard.vendors.port import Accepted, NotSent, Outcome

P = TypeVar("P")
E = TypeVar("E")

PAGE = 100
MOST_PAGES = 100
TRIES = 3


@dataclass(frozen=True, slots=True)
class Pages(Generic[P, E]):
    """How to ask for a page (offset, limit), and what of it is entries, their number in all, and an entry's key."""

    ask: Callable[[int, int], Awaitable[Outcome[Reply[P]]]]
    entries: Callable[[P], Sequence[E]]
    count: Callable[[P], int]
    key: Callable[[E], str]


async def every(pages: Pages[P, E]) -> Outcome[Reply[list[E]]]:
    """All entries, as of the first request of the reading that went through."""
    for _ in range(TRIES):
        answer = await _once(pages)
        if answer is not None:
            return answer
    return NotSent("busy", 1.0, "the list kept changing while it was read")


async def _once(pages: Pages[P, E]) -> Outcome[Reply[list[E]]] | None:
    """One reading from the start; None when the pages shifted under it."""
    found: dict[str, E] = {}
    last, first = "", None
    for _ in range(MOST_PAGES):
        answer = await pages.ask(max(len(found) - 1, 0), PAGE)
        if not isinstance(answer, Accepted):
            return answer
        first = first or answer
        entries = pages.entries(answer.value.value)
        if last and (not entries or pages.key(entries[0]) != last):
            return None
        before = len(found)
        for entry in entries:
            found[pages.key(entry)] = entry
        if len(found) >= pages.count(answer.value.value) or len(found) == before:
            break
        last = pages.key(entries[-1])
    if first is None:
        return None
    return Accepted(Reply(list(found.values()), first.value.asked_at, first.value.skew_ms), first.request_id)
