"""What goes down to browsers, built from the rows: once per topic, view and language, whoever looks. See docs/live.md.

The sequence is read *before* the rows and labels the fragment, so a fragment is never newer than its number says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from dashboard.console import fragments
from dashboard.events import selectors
from dashboard.events.kinds import AUDIENCE, Kind
from dashboard.events.models import Event
from dashboard.lib import clock

#: More than this behind, and a feed is fetched anew instead of caught up.
LONGEST_CATCH_UP = 200
MOST_EVENTS = 1_000


@dataclass(frozen=True, slots=True)
class Variant:
    """Who shares a fragment: the kind of page and its language."""

    view: str
    language: str


@dataclass(frozen=True, slots=True)
class Flushed:
    seq: int
    frames: dict[Variant, list[str]]
    #: False where only counters and feeds moved; those are coalesced.
    state_moved: bool


def encode(frame: dict[str, object]) -> str:
    return msgspec.json.encode(frame).decode()


Sent = dict[tuple[Variant, str], int]
"""What the browsers of a variant show of each region: a mark of its last HTML, without its number."""

_NUMBER = re.compile(r' data-seq="\d+"')


def flush(topic: str, since: int, variants: Iterable[Variant], sent: Sent) -> Flushed:
    """What changed in `topic` after `since`, per variant; regions that look as before are left out."""
    seq = selectors.sequences([topic])[topic]
    if seq <= since:
        return Flushed(seq, {}, state_moved=False)
    events = selectors.since(topic, since, limit=MOST_EVENTS)
    rows = [event for event in events if Kind(event.kind) in AUDIENCE]
    # A raised sequence without an event (a list changed) is a change of state too.
    state_moved = len(rows) < len(events) or not events
    return Flushed(
        seq,
        {
            variant: _frames(topic, seq, variant, rows, state_moved, sent) + _new_job(topic, seq, variant, events)
            for variant in variants
        },
        state_moved=state_moved,
    )


def _new_job(topic: str, seq: int, variant: Variant, events: list[Event]) -> list[str]:
    """A new job has an audience of its own: the feed of the last one is fetched anew."""
    region = fragments.feed_region(topic, variant.view)
    if region is None or not any(event.kind == Kind.JOB_REQUESTED for event in events):
        return []
    return [encode({"t": "reload", "topic": topic, "seq": seq, "region": region.replace("feed-", "audience-")})]


def _frames(topic: str, seq: int, variant: Variant, rows: list[Event], state_moved: bool, sent: Sent) -> list[str]:
    frames = []
    if (listed := fragments.list_region(topic, variant.view)) is not None:
        return [encode({"t": "reload", "topic": topic, "seq": seq, "region": listed})]
    if state_moved or rows:
        made = fragments.render(topic, seq, view=variant.view, language=variant.language, counters_only=not state_moved)
        if made.regions or made.gone:
            regions = {region: html for region, html in made.regions.items() if _is_new(region, html, variant, sent)}
            frames.append(encode({"t": "state", "topic": topic, "seq": seq, "regions": regions, "gone": made.gone}))
    if rows:
        frames += _feed(topic, seq, variant, rows)
    return frames


def _is_new(region: str, html: str, variant: Variant, sent: Sent) -> bool:
    mark = hash(_NUMBER.sub("", html))
    if sent.get((variant, region)) == mark:
        return False
    sent[variant, region] = mark
    return True


def _feed(topic: str, seq: int, variant: Variant, rows: list[Event]) -> list[str]:
    region = fragments.feed_region(topic, variant.view)
    if region is None:
        return []
    if len(rows) > LONGEST_CATCH_UP:
        return [encode({"t": "reload", "topic": topic, "region": region})]
    html = fragments.feed_rows(rows, language=variant.language)
    return [encode({"t": "feed", "topic": topic, "seq": seq, "region": region, "rows": html})] if html else []


def current(topic: str, since: int, variant: Variant) -> tuple[int, list[str]]:
    """What a page that knows `topic` up to `since` needs to be true again: first load and reconnect alike."""
    seq = selectors.sequences([topic])[topic]
    if seq <= since:
        return seq, []
    if (listed := fragments.list_region(topic, variant.view)) is not None:
        return seq, [encode({"t": "reload", "topic": topic, "seq": seq, "region": listed})]
    made = fragments.render(topic, seq, view=variant.view, language=variant.language, counters_only=False)
    frames = [encode({"t": "state", "topic": topic, "seq": seq, "regions": made.regions, "gone": made.gone})]
    if fragments.feed_region(topic, variant.view) is not None:
        events = selectors.since(topic, since, limit=MOST_EVENTS + 1)
        if len(events) > MOST_EVENTS:
            return seq, [
                *frames,
                encode({"t": "reload", "topic": topic, "region": fragments.feed_region(topic, variant.view)}),
            ]
        rows = [event for event in events if Kind(event.kind) in AUDIENCE]
        frames += _feed(topic, seq, variant, rows) if rows else []
    return seq, frames


def tick(freshness: dict[str, int]) -> str:
    """The server lives: its time, and when each source last confirmed what it said (milliseconds since 1970)."""
    return encode({"t": "tick", "now": int(clock.now().timestamp() * 1000), "fresh": freshness})


def summary(topic: str, seq: int, language: str) -> str:
    """The counts of the strip: not an event of the team's own, so it is looked at once a second."""
    number = int(topic.partition(":")[2])
    html = fragments.summary_html(number, seq, language)
    return encode({"t": "state", "topic": topic, "seq": seq, "regions": {"team-summary": html}, "gone": []})
