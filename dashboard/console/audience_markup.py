"""The audience's part of desk, wall and log as HTML, one function per region; see `markup.py`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.utils import timezone

from dashboard.console import audience, comments, feed, questions, rule_hits, tiles
from dashboard.console.comments import Comment
from dashboard.console.facts import RoomFacts
from dashboard.console.rendering import UNNUMBERED, html, kept_html, row_html, unnumbered
from dashboard.console.rule_hits import Hit
from dashboard.events.models import Event
from dashboard.rooms.models import Room


def audience_html(room: RoomFacts, slug: str) -> str:
    newest = comments.newest(room.job) if room.job is not None else []
    with timezone.override(room.room.time_zone):
        shown, rows = audience.audience(room, newest, slug), feed.lines(newest, room.room, slug)
        return html("audience/_feed.html", audience=shown, rows=rows)


def viewers_html(room: RoomFacts) -> str:
    """The part of the bar that the audience moves."""
    return html("audience/_viewers.html", stats=tiles.stats(room))


def tally_html(room: RoomFacts) -> str:
    return html("audience/_tally.html", audience=audience.counts(room))


def comments_html(rows: Iterable[Comment]) -> list[str]:
    return [row_html("audience/_comment.html", comment=row) for row in rows]


def feed_rows_html(room: Room, events: Iterable[Event]) -> list[str]:
    """New rows for the end of a room's feed, from its audience's events."""
    claim = comments.claim_pattern(room.team.slug, room.code)
    return comments_html(comments.rows(events, room.language, claim))


def asked_html(room: RoomFacts, slug: str) -> dict[str, str]:
    """The regions of questions and rules where they come for the first time, by id."""
    parts = questions_html(room, slug)
    number = room.room.pk
    whole = html(
        "audience/_questions.html",
        id=number,
        seq=room.seq,
        topic=room.room.topic,
        head=parts.pop(f"asked-head-{number}"),
        rows=list(parts.values()),
    )
    return {f"questions-{number}": whole, f"rules-{number}": rules_html(room, slug)}


def questions_html(room: RoomFacts, slug: str) -> dict[str, str]:
    """The head of the questions and each row, by id."""
    with timezone.override(room.room.time_zone):
        head, rows = questions.questions(unnumbered(room), slug)
        made = {f"asked-head-{room.room.pk}": kept_html("audience/_questions_head.html", room.seq, head=head)}
        return made | {f"question-{row.id}": kept_html("audience/_question.html", room.seq, row=row) for row in rows}


def rules_html(room: RoomFacts, slug: str) -> str:
    """What the rules did last."""
    with timezone.override(room.room.time_zone):
        return kept_html("audience/_rules.html", room.seq, rules=rule_hits.rules(unnumbered(room), slug))


def rule_hit_html(hit: Hit) -> str:
    return kept_html("audience/_rule_hit.html", hit.seq, hit=replace(hit, seq=UNNUMBERED))


def newest_hits_html(room: Room, seq: int) -> dict[str, str]:
    """What a change of the room sends to the open log of its rules, by id."""
    return {f"rule-hit-{hit.id}": rule_hit_html(hit) for hit in rule_hits.newest_of_room(room, seq)}
