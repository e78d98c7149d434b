"""What lists show of rooms and jobs: made once for every state of a room, and kept while that state lasts.

Whatever is shown of a room moves its topic, and open pages rely on that. So the topic's number, with what the account
says of itself, tells whether a string still holds, and a list of rooms that rest reads nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils import timezone, translation

from dashboard.lib import clock

#: Of each list; some 10 MB. Those that nobody asked for longest go first.
MOST_KEPT = 4_000
#: What is shown of an account. It moves by itself: `poll_ok_at` with each good listing.
OF_ACCOUNT = ("account__name", "account__region", "account__health", "account__poll_ok_at")

#: The id of a room or job, the number of its room's topic and what its account says.
Place = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of a list. `seq` was read before what `html` says; `order` is where a wall puts it, as text.

    `until`: when the clock alone changes it, though neither the room nor its account moves.
    """

    id: int
    topic: str
    seq: int
    html: str
    order: str = ""
    until: datetime | None = None


class _Slot:
    """The latest that was made of a room or job, and the place that it was made for."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: tuple[Place, Shown] | None = None

    def shown(self, place: Place, now: datetime) -> Shown | None:
        made_for, shown = self.held or (None, None)
        if shown is None or made_for != place or (shown.until is not None and now >= shown.until):
            return None
        return shown


class Strings:
    """The lines of one kind of list, by team, language and zone. `make` is asked for those that moved, all at once."""

    def __init__(self, make: Callable[[Mapping[int, Place], str], Iterable[Shown]]) -> None:
        self._make = make
        self._slot = lru_cache(maxsize=MOST_KEPT)(lambda *_who_sees_which: _Slot())

    def of(self, places: Iterable[Place], slug: str) -> list[Shown]:
        """What `places` show, in their order, without a query where none of them moved."""
        wanted, now = {place[0]: place for place in places}, clock.now()
        seen_by = (slug, translation.get_language(), timezone.get_current_timezone_name())
        slots = {number: self._slot(number, *seen_by) for number in wanted}
        shown = {number: held for number, place in wanted.items() if (held := slots[number].shown(place, now))}
        moved = {number: place for number, place in wanted.items() if number not in shown}
        for one in self._make(moved, slug) if moved else ():
            shown[one.id] = one
            slots[one.id].held = (moved[one.id], one)
        return [shown[number] for number in wanted if number in shown]

    def forget(self) -> None:
        """For whoever puts another database in the place of this one."""
        self._slot.cache_clear()
