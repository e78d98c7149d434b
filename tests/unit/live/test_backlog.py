"""What a slow browser is given: the newest of each region, in order, none lost, and never more than its page holds."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from dashboard.live.hub.backlog import MOST_FRAMES, MOST_REGIONS, Backlog
from dashboard.live.hub.frames import LONGEST_CATCH_UP


def state(seq: int, *gone: str, topic: str = "room:1", **regions: str) -> dict[str, Any]:
    return {"t": "state", "topic": topic, "seq": seq, "regions": regions, "gone": list(gone)}


def feed(seq: int, *rows: str) -> dict[str, Any]:
    return {"t": "feed", "topic": "room:1", "seq": seq, "region": "feed-1", "rows": list(rows)}


def taken(*frames: dict[str, Any]) -> list[dict[str, Any]]:
    backlog = Backlog()
    for frame in frames:
        backlog.add(json.dumps(frame))
    found = []
    while backlog:
        text = backlog.take()
        assert text is not None
        found.append(json.loads(text))
    assert backlog.take() is None
    return found


def many(last: int) -> list[dict[str, Any]]:
    """Enough to be put together; the region `x` is theirs."""
    return [state(number, x=f"x {number}") for number in range(last - MOST_FRAMES, last + 1)]


def test_a_few_frames_wait_as_they_are() -> None:
    few = [state(1, a="1"), feed(2, "row"), {"t": "tick", "now": 1, "fresh": {}}]
    assert taken(*few) == few


def test_of_each_region_the_newest_is_left() -> None:
    assert taken(state(1, a="old", b="b"), *many(9), state(10, a="new")) == [state(10, b="b", x="x 9", a="new")]


def test_what_came_last_comes_last() -> None:
    """A region may hold another one: whichever came later counts."""
    (frame,) = taken(*many(7), state(8, outer="1"), state(9, inner="1"), state(10, outer="2"))
    assert list(frame["regions"]) == ["x", "inner", "outer"]


def test_of_frames_without_a_region_the_number_moves_and_other_topics_are_not_held_up() -> None:
    as_before = [state(number) for number in range(1, MOST_FRAMES + 1)]
    other = state(9, topic="room:2", now="new")
    assert taken(*as_before, other) == [state(MOST_FRAMES), other]


def test_what_is_gone_stays_gone_and_what_came_back_is_there() -> None:
    (frame,) = taken(*many(7), state(8, a="1", b="1"), state(9, "a", "b"), state(10, b="2"))
    assert frame["gone"] == ["a"]
    assert frame["regions"] == {"x": "x 7", "b": "2"}


def test_rows_of_a_feed_are_all_kept_and_do_not_move_the_number_alone() -> None:
    found = taken(*many(7), feed(8, "one"), state(8, a="1"), feed(9, "two", "three"))
    assert found == [{**feed(9, "one", "two", "three"), "more": True}, state(9, x="x 7", a="1")]


def test_more_rows_than_a_page_shows_are_fetched_by_it() -> None:
    rows = [feed(number, f"row {number}") for number in range(10, 11 + LONGEST_CATCH_UP)]
    found = taken(*many(7), *rows)
    assert [(frame["t"], frame.get("region")) for frame in found] == [("reload", "feed-1"), ("state", None)]


def test_a_list_that_grew_for_minutes_is_fetched_by_the_page() -> None:
    found = taken(*(state(number, **{f"takeover-{number}": "…"}) for number in range(1, MOST_REGIONS + 50)))
    assert found[0]["t"] == "reload"
    assert "region" not in found[0]


def test_a_page_that_is_asked_to_fetch_is_asked_once() -> None:
    asked = {"t": "reload", "topic": "team:1", "seq": 3, "region": "wall"}
    assert taken(*many(7), asked, asked, asked) == [state(7, x="x 7"), asked]


def test_of_ticks_the_last_is_left() -> None:
    ticks = [{"t": "tick", "now": number, "fresh": {}} for number in range(10)]
    assert taken(*ticks) == ticks[-1:]


def test_of_a_topic_that_was_denied_nothing_more_is_told() -> None:
    denied = {"t": "denied", "topic": "room:1"}
    assert taken(*many(7), denied) == [denied]


@given(some.lists(some.tuples(some.sampled_from(["a", "b", "c"]), some.booleans(), some.booleans()), max_size=60))
def test_a_slow_page_ends_as_a_fast_one(course: list[tuple[str, bool, bool]]) -> None:
    """Whenever it takes a frame, and whatever it missed in between."""
    backlog = Backlog()
    fast: dict[str, str] = {}
    slow: dict[str, str] = {}
    numbers = []

    def take() -> None:
        if (text := backlog.take()) is not None:
            frame = json.loads(text)
            numbers.append(frame["seq"])
            _apply(slow, frame)

    for number, (region, goes, takes) in enumerate(course, start=1):
        frame = state(number, region) if goes else state(number, **{region: str(number)})
        _apply(fast, frame)
        backlog.add(json.dumps(frame))
        if takes:
            take()
    while backlog:
        take()
    assert slow == fast
    assert numbers == sorted(numbers)


def _apply(page: dict[str, str], frame: dict[str, Any]) -> None:
    page.update(frame["regions"])
    for region in frame["gone"]:
        page.pop(region, None)
