"""How a fragment is rendered: what did not change since is not rendered again, whoever asks."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils import timezone, translation

from dashboard.console.facts import RoomFacts

#: Fragments that are kept, some 10 MB; those that nobody asked for longest go first.
MOST_KEPT = 2_000
#: Rows that never change once they are there, such as comments: a full feed of each of some fifty rooms, some 4 MB.
MOST_ROWS = 4_000
#: Stands for the number of a fragment while it is kept: all else of it may stay the same for minutes.
UNNUMBERED = -1


def html(template: str, **context: object) -> str:
    return render_to_string(template, context).strip()


def kept_html(template: str, seq: int, **context: Hashable) -> str:
    """For content that was made with `UNNUMBERED`: rendered once per content, language and zone, numbered each time."""
    html = _regions(*_as_shown(template, context))
    return html.replace(f'data-seq="{UNNUMBERED}"', f'data-seq="{seq}"')


def row_html(template: str, **context: Hashable) -> str:
    """For a row that is what it is, its number included: rendered once per language and zone."""
    return _rows(*_as_shown(template, context))


_Shown = tuple[str, str, str, tuple[tuple[str, Hashable], ...]]


def _as_shown(template: str, context: dict[str, Hashable]) -> _Shown:
    """All that decides how it is rendered here and now."""
    return template, translation.get_language(), timezone.get_current_timezone_name(), tuple(context.items())


def _rendered(template: str, language: str, zone: str, context: tuple[tuple[str, Hashable], ...]) -> str:
    return html(template, **dict(context))


#: Two memories: a flood of comments must not drive out what every page shows.
_regions = lru_cache(maxsize=MOST_KEPT)(_rendered)
_rows = lru_cache(maxsize=MOST_ROWS)(_rendered)


def unnumbered(room: RoomFacts) -> RoomFacts:
    return replace(room, seq=UNNUMBERED)
