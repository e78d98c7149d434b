"""One reading of a topic's rows, shared by all kinds of pages and languages that show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from dashboard.console import facts
from dashboard.console.questions import with_questions
from dashboard.lib.prepared import PreparedObjects
from dashboard.rooms.models import Room
from dashboard.rooms.selectors import SECRETS


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which parts of a page moved. `state` is everything but the two others."""

    state: bool = True
    #: Numbers that the audience moves.
    counters: bool = True
    #: The story of the job.
    history: bool = True


#: Pages that show all of a room: its script, its queue.
_WHOLE = frozenset({"desk", "script", "steer"})


class Reading:
    """What a topic's fragments are made from, read when first wanted.

    `seq` was read before, so what is read here is never older than that number says.
    """

    def __init__(self, topic: str, seq: int, views: Iterable[str]) -> None:
        self.kind, _, number = topic.partition(":")
        self.number, self.seq = int(number), seq
        self._has_desk = not _WHOLE.isdisjoint(views)

    @cached_property
    def room(self) -> facts.RoomFacts | None:
        """None where the room is gone. A desk's facts hold all that a tile or a row shows."""
        if self.subject is None:
            return None
        if self._has_desk:
            return facts.load_desk(self.subject, self.seq)
        return facts.load_one(self.subject, self.seq)

    @cached_property
    def figures(self) -> facts.RoomFacts | None:
        """Enough for what the audience moves: the room and its job, not what is said in it."""
        return facts.load_figures(self.subject, self.seq) if self.subject is not None else None

    def asked(self, room: facts.RoomFacts | None) -> facts.RoomFacts | None:
        """`room` with the questions that nobody answered, as a tile shows it."""
        return with_questions([room])[0] if room is not None else None

    @cached_property
    def subject(self) -> Room | None:
        """The room itself, with its account and team."""
        return _ROOM.one(pk=self.number)


_ROOM = PreparedObjects(lambda pk: Room.objects.select_related("account", "team").defer(*SECRETS).filter(pk=pk))
