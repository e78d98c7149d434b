"""Where a process may be killed or stopped: every step of a takeover, a start, a microphone and a task.

A point lies before or after one function of the product, which is wrapped while the process starts (`process.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboard.vendors.models import CommandKind

Of = Callable[[tuple[Any, ...], Any], bool]
"""Whether a call with these arguments and this result is the one that is meant."""


@dataclass(frozen=True, slots=True)
class Point:
    act: str
    """What is on its way: takeover, start, talk or task."""
    step: str
    process: str
    """Who is there: web, relay or worker."""
    where: str
    """`module:name` or `module:Class.method`."""
    is_after: bool = False
    of: Of | None = None
    nth: int = 1
    """At the how-many-th time, e.g. in the middle of the sound."""

    @property
    def name(self) -> str:
        return f"{self.act}: {self.step}"


def _claimed(*kinds: CommandKind) -> Of:
    return lambda _, result: result is not None and result.command.kind in kinds


def _facts(*words: str) -> Of:
    return lambda arguments, _: any(any(word in fact.kind for word in words) for fact in arguments[1])


def _person(position: int) -> Of:
    return lambda arguments, _: arguments[position].source == "person"


_CLAIM = "dashboard.live.relay.dispatch:claim_next"
_SENDS = "dashboard.live.relay.send_words"
_WORDS = (CommandKind.SAY, CommandKind.SOUND)
_TOLD = "dashboard.live.intake.writer:GroupWriter.record"
_TASK = "django_tasks_db.management.commands.db_worker:Worker.run_task"

POINTS = (
    Point("takeover", "asked, not looked at", "web", "dashboard.takeover.services.ask:request_takeover"),
    Point("takeover", "written, not committed", "web", "dashboard.takeover.services.ask:departure.set_out", True),
    Point("takeover", "committed, not answered", "web", "dashboard.takeover.services.ask:request_takeover", True),
    Point("takeover", "claimed, not sent", "relay", _CLAIM, True, _claimed(*_WORDS)),
    Point("takeover", "sent, answer not recorded", "relay", f"{_SENDS}:said", False, _person(0)),
    Point("takeover", "answer recorded", "relay", f"{_SENDS}:said", True, _person(0)),
    Point("takeover", "queued or begun, not recorded", "relay", _TOLD, False, _facts("item.queued", "item.started")),
    Point("takeover", "over, not recorded", "relay", _TOLD, False, _facts("item.finished")),
    Point("takeover", "a callback came", "web", "dashboard.live.intake.callbacks:_take"),
    Point("takeover", "a callback is recorded, not answered", "web", "dashboard.live.intake.callbacks:_take", True),
    Point(
        "takeover",
        "cancel claimed, not sent",
        "relay",
        _CLAIM,
        True,
        _claimed(CommandKind.CANCEL),
    ),
    Point("start", "asked, not looked at", "web", "dashboard.jobs.views.running:start_job"),
    Point("start", "written, not committed", "web", "dashboard.jobs.services.start:commands.create", True),
    Point("start", "committed, not answered", "web", "dashboard.jobs.views.running:start_job", True),
    Point("start", "claimed, not sent", "relay", "dashboard.live.relay.starts:claim_start", True),
    Point("start", "sent, answer not recorded", "relay", "dashboard.live.relay.starts:created"),
    Point("start", "answer recorded", "relay", "dashboard.live.relay.starts:created", True),
    Point("start", "the line is opened", "relay", "dashboard.live.relay.link_keeper:LinkKeeper._use"),
    Point(
        "start",
        "go live claimed, not sent",
        "relay",
        _CLAIM,
        True,
        _claimed(CommandKind.GO_LIVE),
    ),
    Point("talk", "armed", "web", "dashboard.takeover.services.arming:arm", True),
    Point("talk", "the page takes its seat", "web", "dashboard.live.talk.seat:Seat.take"),
    Point("talk", "pressed, not committed", "web", "dashboard.live.talk.rows:press"),
    Point("talk", "pressed and committed", "web", "dashboard.live.talk.rows:press", True),
    Point("talk", "the relay begins", "relay", "dashboard.live.talk.line:LocalLine.begin"),
    Point("talk", "voice claimed, not opened", "relay", "dashboard.live.relay.talk:voice_claims.claim", True),
    Point("talk", "sound on its way, at the console", "web", "dashboard.live.talk.seat:Seat.sound", nth=15),
    Point("talk", "sound on its way, at the relay", "relay", "dashboard.live.talk.line:LocalLine.sound", nth=15),
    Point("talk", "released", "relay", "dashboard.live.talk.line:LocalLine.end"),
    Point("talk", "the page leaves", "web", "dashboard.live.talk.seat:Seat.leave"),
    Point("task", "claimed, not begun", "worker", _TASK),
    Point("task", "done", "worker", _TASK, True),
    Point("task", "asked for", "worker", "dashboard.live.worker.schedule:ask_for_due"),
)
BY_NAME = {point.name: point for point in POINTS}
