"""What goes down to browsers, built from the rows: once per topic, view and language, whoever looks. See docs/live.md.

The sequence is read *before* the rows and labels the fragment, so a fragment is never newer than its number says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from dashboard.console import fragments, history
from dashboard.console.reading import Reading, Wanted
from dashboard.events import selectors
from dashboard.events.kinds import AUDIENCE, Kind
from dashboard.events.models import Event, EventOutcome
from dashboard.lib import clock
from dashboard.live.hub.marks import Mark, can_wait, mark_of
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Source

#: More than this behind, and a feed is fetched anew instead of caught up.
LONGEST_CATCH_UP = 200
MOST_EVENTS = 1_000


class Variant(NamedTuple):
    """Who shares a fragment: the kind of page and its language. A tuple: it is looked up for each browser."""

    view: str
    language: str


Frame = dict[str, object]
Sent = dict[tuple[Variant, str], Mark]
"""What the browsers of a variant show of each region: how it looked when it was last sent."""


@dataclass(frozen=True, slots=True)
class Due:
    """Whether counters may go out now, and whether an earlier flush, which was too soon for them, owes some."""

    counters: bool = True
    owed: bool = False


@dataclass(frozen=True, slots=True)
class Flushed:
    #: How far this went.
    seq: int
    frames: dict[Variant, list[str]]
    #: What the browsers show once they have these frames.
    sent: Sent = field(default_factory=dict)
    has_counters: bool = False
    owes_counters: bool = False


def encode(frame: Frame) -> str:
    return msgspec.json.encode(frame).decode()


#: How a sentence comes to the vendor. Of the script's own no screen shows it: they are seen when they are heard.
_ON_THE_WAY = frozenset({Kind.ITEM_REQUESTED, Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_QUEUED})


def flush(topic: str, since: int, variants: Iterable[Variant], sent: Sent, due: Due) -> Flushed:
    """What changed in `topic` after `since`, per variant; regions that look as before are left out."""
    seq = selectors.sequence(topic)
    events = selectors.since(topic, since, limit=MOST_EVENTS) if seq > since else []
    rows = [event for event in events if event.kind in AUDIENCE]
    # A number raised without an event (a list changed), or events beyond the limit: a change that can't be looked at.
    is_whole = sum(event.seq <= seq for event in events) == seq - since
    state_moved = not is_whole or _moves_state(events)
    # Numbers of the audience age: whatever comes takes them along when they are due.
    owed = due.owed or bool(rows) or state_moved
    has_history = not is_whole or any(event.kind in history.KINDS for event in events)
    wanted = Wanted(state_moved, owed and due.counters, has_history)
    variants, sent = list(variants), dict(sent)
    reading = Reading(topic, seq, {variant.view for variant in variants})
    made = {
        variant: [
            *_together(
                _feed(reading, topic, variant, rows) if rows else [], _state(reading, topic, variant, wanted, sent)
            ),
            *_new_job(topic, seq, variant, events),
        ]
        for variant in variants
    }
    return Flushed(seq, made, sent, has_counters=wanted.counters, owes_counters=owed and not wanted.counters)


def _together(feed: list[Frame], state: list[Frame]) -> list[str]:
    """Frames of one moment. Only the last moves the page's number: a socket that breaks between them loses none."""
    frames = [*feed, *state]
    return [encode(frame | {"more": True}) for frame in frames[:-1]] + [encode(frame) for frame in frames[-1:]]


def _moves_state(events: list[Event]) -> bool:
    """Whether a screen changes by `events` beyond its feed and counters."""
    moving = [event for event in events if event.kind not in AUDIENCE and not _is_told_twice(event)]
    if not moving or any(event.kind not in _ON_THE_WAY for event in moving):
        return bool(moving)
    traces = {event.data.get("trace_id") for event in moving}
    return Takeover.objects.filter(trace_id__in=traces).exclude(source=Source.SCRIPT).exists()


def _is_told_twice(event: Event) -> bool:
    """A script's place is told by socket and by callback; what came second changed nothing."""
    return event.kind == Kind.JOB_SCRIPT_POSITION and event.outcome == EventOutcome.NOTHING_NEW


def _new_job(topic: str, seq: int, variant: Variant, events: list[Event]) -> list[str]:
    """A new job has an audience of its own: the feed of the last one is fetched anew."""
    region = fragments.feed_region(topic, variant.view)
    if region is None or not any(event.kind == Kind.JOB_REQUESTED for event in events):
        return []
    return [encode({"t": "reload", "topic": topic, "seq": seq, "region": region.replace("feed-", "audience-")})]


def _state(reading: Reading, topic: str, variant: Variant, wanted: Wanted, sent: Sent) -> list[Frame]:
    if not wanted.state and not wanted.counters:
        return []
    if (listed := fragments.list_region(topic, variant.view)) is not None:
        # Numbers that come to rest change no list: each browser of the team would fetch its page for nothing.
        return [{"t": "reload", "topic": topic, "seq": reading.seq, "region": listed}] if wanted.state else []
    made = fragments.render(reading, view=variant.view, language=variant.language, wanted=wanted)
    regions, each_second = _changed(made.regions, variant, sent)
    if not regions and not made.gone:
        return []  # the page's number stays: who comes back with it is told a little more than needed
    frame: Frame = {"t": "state", "topic": topic, "seq": reading.seq, "regions": regions, "gone": made.gone}
    return [frame | {"each_second": True} if each_second and not made.gone else frame]


def _changed(made: dict[str, str], variant: Variant, sent: Sent) -> tuple[dict[str, str], bool]:
    """What looks other than it was sent, and whether all of that can wait for the page's own second."""
    regions, each_second = {}, True
    for region, html in made.items():
        mark, before = mark_of(html), sent.get((variant, region))
        if mark == before:
            continue
        regions[region] = html
        each_second = each_second and can_wait(mark, before)
        sent[variant, region] = mark
        # What a region holds comes with it: the next change of an inner one is a change again.
        for inner in [key for key in sent if key[0] == variant and f'id="{key[1]}"' in html and key[1] != region]:
            del sent[inner]
    return regions, each_second


def _feed(reading: Reading, topic: str, variant: Variant, rows: list[Event]) -> list[Frame]:
    region = fragments.feed_region(topic, variant.view)
    if region is None:
        return []
    if len(rows) > LONGEST_CATCH_UP:
        return [{"t": "reload", "topic": topic, "region": region}]
    html = fragments.feed_rows(reading, rows, language=variant.language)
    return [{"t": "feed", "topic": topic, "seq": reading.seq, "region": region, "rows": html}] if html else []


def has_feed(topic: str, variant: Variant) -> bool:
    return fragments.feed_region(topic, variant.view) is not None


def current(topic: str, since: int, variant: Variant) -> tuple[int, list[str]]:
    """What a page that knows `topic` up to `since` needs to be true again: first load and reconnect alike."""
    seq = selectors.sequence(topic)
    if seq <= since:
        return seq, []
    if (listed := fragments.list_region(topic, variant.view)) is not None:
        return seq, [encode({"t": "reload", "topic": topic, "seq": seq, "region": listed})]
    reading = Reading(topic, seq, [variant.view])
    made = fragments.render(reading, view=variant.view, language=variant.language)
    state: Frame = {"t": "state", "topic": topic, "seq": seq, "regions": made.regions, "gone": made.gone}
    feed: list[Frame] = []
    if (region := fragments.feed_region(topic, variant.view)) is not None:
        events = selectors.since(topic, since, limit=MOST_EVENTS + 1)
        rows = [event for event in events if Kind(event.kind) in AUDIENCE]
        if len(events) > MOST_EVENTS:
            feed = [{"t": "reload", "topic": topic, "region": region}]
        elif rows:
            feed = _feed(reading, topic, variant, rows)
    return seq, _together(feed, [state])


def tick(freshness: dict[str, int]) -> str:
    """The server lives: its time, and when each source last confirmed what it said (milliseconds since 1970)."""
    return encode({"t": "tick", "now": int(clock.now().timestamp() * 1000), "fresh": freshness})


def summary(topic: str, seq: int, language: str) -> str:
    """The counts of the strip: not an event of the team's own, so it is looked at once a second."""
    number = int(topic.partition(":")[2])
    html = fragments.summary_region(number, seq, language)
    return encode({"t": "state", "topic": topic, "seq": seq, "regions": {"team-summary": html}, "gone": []})
