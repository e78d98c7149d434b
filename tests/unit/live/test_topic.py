"""When a topic's next flush is due: state at once, the audience's rows and numbers when there is time for them."""

from __future__ import annotations

from dashboard.live.hub.client import Client
from dashboard.live.hub.frames import Due, Flushed, Variant
from dashboard.live.hub.topic import COUNTERS_GAP_S, FEED_GAP_S, GATHER_S, REST_S, STATE_GAP_S, Topic

NOW = 1_000.0
WALL, DESK = Variant("wall", "en"), Variant("desk", "en")


def topic(**more: object) -> Topic:
    made = Topic("room:7", cursor=5, told=5)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def client(variant: Variant) -> Client:
    return Client(1, "session", 1, frozenset({1}), close=lambda code: None, variant=variant)


def due(of: Topic, now: float = NOW, gap: float = STATE_GAP_S) -> float | None:
    at = of.due_at(now, gap)
    return None if at is None else round(at - now, 6)


def test_nothing_told_is_nothing_due() -> None:
    assert due(topic()) is None


def test_a_topic_whose_first_page_is_not_greeted_yet_waits() -> None:
    one = Topic("room:7")
    one.tell(3, is_urgent=True)
    assert due(one) is None


def test_a_change_of_state_waits_only_for_its_twin() -> None:
    one = topic()
    one.tell(6, is_urgent=True)
    assert due(one) == GATHER_S


def test_two_changes_of_state_keep_the_gap_of_the_moment() -> None:
    one = topic(flushed_at=NOW - 0.01)
    one.tell(6, is_urgent=True)
    assert due(one) == round(STATE_GAP_S - 0.01, 6)
    assert due(one, gap=0.2) == 0.19


def test_the_audience_alone_waits_for_the_feed() -> None:
    one = topic(clients={WALL: set(), DESK: set()}, flushed_at=NOW - 0.01)
    one.tell(6, is_urgent=False)
    assert due(one) == round(FEED_GAP_S - 0.01, 6)


def test_the_audience_alone_waits_for_the_numbers_where_no_page_shows_its_feed() -> None:
    """A wall beside it would only hear how far it is, four times a second."""
    one = topic(clients={WALL: set()}, counters_at=NOW - 0.4, flushed_at=NOW - 0.1)
    one.tell(6, is_urgent=False)
    assert due(one) == round(COUNTERS_GAP_S - 0.4, 6)
    one.tell(7, is_urgent=True)
    assert due(one) == GATHER_S


def test_state_behind_the_audience_does_not_wait_for_it() -> None:
    one = topic(flushed_at=NOW - 0.1)
    one.tell(6, is_urgent=False)
    one.tell(7, is_urgent=True)
    one.tell(8, is_urgent=False)
    assert due(one) == GATHER_S


def test_counters_that_were_too_soon_come_by_themselves() -> None:
    one = topic()
    assert one.begin(NOW) == Due(counters=True, owed=False)
    one.end(Flushed(6, {}, has_counters=True), NOW)
    assert one.begin(NOW + 0.3) == Due(counters=False, owed=False)
    one.end(Flushed(7, {}, owes_counters=True), NOW + 0.3)
    assert due(one, NOW + 0.3) == round(COUNTERS_GAP_S - 0.3, 6)
    assert one.begin(NOW + COUNTERS_GAP_S) == Due(counters=True, owed=True)


def test_numbers_are_shown_once_more_when_they_came_to_rest_and_then_no_more() -> None:
    """A rate that nobody raises any more would else stand for ever."""
    one = topic()
    one.end(Flushed(6, {}, has_counters=True), NOW)
    one.end(Flushed(7, {}, has_counters=True), NOW + 5)
    assert due(one, NOW + 5) == REST_S
    assert one.begin(NOW + 5 + REST_S) == Due(counters=True, owed=True)
    one.end(Flushed(7, {}, has_counters=True), NOW + 5 + REST_S)
    assert due(one, NOW + 5 + REST_S) is None


def test_who_comes_behind_the_last_comment_sees_its_rate_come_to_rest() -> None:
    one = Topic("room:7")
    one.join(client(DESK), NOW)
    assert due(one) is None, "not greeted yet"
    one.cursor = one.told = 5
    assert due(one) == REST_S
    one.begin(NOW + REST_S)
    one.end(Flushed(5, {}, has_counters=True), NOW + REST_S)
    assert due(one, NOW + REST_S) is None
    one.join(client(DESK), NOW + 20)
    assert due(one, NOW + 20) == REST_S, "a page that was made before that and came behind it"


def test_who_shows_no_rate_waits_for_none() -> None:
    """A wall, whose team's list would be fetched anew by all of its browsers."""
    for name in ("room:7", "team:1"):
        one = Topic(name, told=5)
        one.join(client(WALL), NOW)
        one.cursor = 5
        assert due(one) is None


def test_what_is_told_during_a_flush_is_for_the_next() -> None:
    one = topic()
    one.tell(6, is_urgent=True)
    one.begin(NOW)
    one.tell(7, is_urgent=True)
    one.end(Flushed(6, {}), NOW)
    assert due(one, NOW + 0.01) == round(STATE_GAP_S - 0.01, 6)


def test_a_number_that_ran_ahead_of_its_notices_is_not_flushed_again() -> None:
    one = topic()
    one.tell(6, is_urgent=True)
    one.begin(NOW)
    one.end(Flushed(9, {}), NOW)
    assert due(one, NOW + 1) is None
    one.tell(8, is_urgent=True)
    assert due(one, NOW + 1) is None
