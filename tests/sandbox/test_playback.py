from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.sandbox.playback import Item, Player, PlayEvent


def item(ref: str, seconds: float = 4.0, *, source: str = "takeover", ends: tuple[float, ...] = ()) -> Item:
    return Item(ref, source, ref, seconds, ends or (seconds,))


def script(*paragraphs: Item) -> Player:
    rest = list(paragraphs)
    return Player(lambda: rest.pop(0) if rest else None)


def told(events: list[PlayEvent]) -> list[tuple[str, str, float]]:
    return [(one.kind, one.item.ref if one.item else "", one.at) for one in events]


def test_the_queue_plays_one_after_the_other_without_gaps() -> None:
    player = Player()
    player.start(0)
    player.append(item("a", 4), 1)
    player.append(item("b", 2), 2)
    assert told(player.advance(20)) == [
        ("finished", "a", 5),
        ("started", "b", 5),
        ("finished", "b", 7),
        ("idle", "", 7),
    ]


def test_nothing_plays_before_the_start() -> None:
    player = Player()
    assert told(player.append(item("a"), 1)) == [("queued", "a", 1)]
    assert player.advance(100) == []
    assert told(player.start(100)) == [("started", "a", 100)]


def test_an_item_waits_for_its_sound_only_when_nothing_else_plays() -> None:
    player = Player()
    player.start(0)
    late = item("a")
    late.ready_at = 3.0
    player.append(late, 1)
    assert told(player.advance(10)) == [("started", "a", 3.0), ("finished", "a", 7.0), ("idle", "", 7.0)]


def test_place_and_move_count_what_waits() -> None:
    player = Player()
    player.start(0)
    for ref in "abc":
        player.append(item(ref), 0)
    player.place(item("d"), 0, 1)
    assert player.order() == ["a", "d", "b", "c"]
    assert player.move("c", 0, 1)[0]
    assert player.order() == ["a", "c", "d", "b"]
    assert not player.move("a", 1, 1)[0]
    assert not player.move("zzz", 1, 1)[0]


def test_cancel_of_what_waits_and_of_what_plays() -> None:
    player = Player()
    player.start(0)
    player.append(item("a"), 0)
    player.append(item("b"), 0)
    player.append(item("c"), 0)
    assert told(player.cancel("b", 1)[1]) == [("cancelled", "b", 1)]
    done, events = player.cancel("a", 1)
    assert done
    assert [(one.kind, one.by, one.elapsed_s) for one in events] == [("cut", "cancel", 1), ("started", "", 0)]
    assert player.cancel("zzz", 2) == (False, [])
    assert told(player.cancel_all(2)) == [("cut", "c", 2), ("idle", "", 2)]


def test_the_script_fills_the_gaps_and_ends_idle() -> None:
    player = script(item("p1", 3, source="script"), item("p2", 3, source="script"))
    player.start(0)
    player.append(item("a", 1), 1)
    assert told(player.advance(20)) == [
        ("finished", "p1", 3),
        ("started", "a", 3),
        ("finished", "a", 4),
        ("started", "p2", 4),
        ("finished", "p2", 7),
        ("idle", "", 7),
    ]
    assert told(player.append(item("late", 1), 20)) == [("queued", "late", 20), ("started", "late", 20)]


def test_insert_leaves_the_script_at_the_end_of_the_sentence_before_older_appends() -> None:
    player = script(item("p1", 10, source="script", ends=(2, 6, 10)), item("p2", 3, source="script"))
    player.start(0)
    player.append(item("append", 1), 0.5)
    player.insert(item("i1", 1), 3)
    player.insert(item("i2", 1), 4)
    assert player.order() == ["p1", "i1", "i2", "append"]
    events = player.advance(10)
    assert told(events)[:4] == [("cut", "p1", 6), ("started", "i1", 6), ("finished", "i1", 7), ("started", "i2", 7)]
    assert events[0].by == "i1"
    assert player.order() == ["p2"]


def test_insert_lets_a_request_on_air_finish() -> None:
    player = Player()
    player.start(0)
    player.append(item("a", 5, ends=(1, 5)), 0)
    player.insert(item("i", 1), 0.5)
    assert told(player.advance(5)) == [("finished", "a", 5), ("started", "i", 5)]


def test_a_cancelled_insert_leaves_the_paragraph_whole() -> None:
    player = script(item("p1", 10, source="script", ends=(2, 10)))
    player.start(0)
    player.insert(item("i"), 1)
    player.cancel("i", 1.5)
    assert told(player.advance(10)) == [("finished", "p1", 10), ("idle", "", 10)]


def test_play_now_cuts_at_once_and_the_script_goes_on_with_the_next_paragraph() -> None:
    player = script(item("p1", 10, source="script"), item("p2", 10, source="script"))
    player.start(0)
    events = player.play_now(item("now", 2), 3)
    assert told(events) == [("queued", "now", 3), ("cut", "p1", 3), ("started", "now", 3)]
    assert (events[1].by, events[1].elapsed_s) == ("now", 3)
    assert told(player.advance(5)) == [("finished", "now", 5), ("started", "p2", 5)]


def test_pause_keeps_the_place_and_resume_goes_on_there() -> None:
    player = script(item("p1", 10, source="script", ends=(4, 10)))
    player.start(0)
    assert told(player.pause(3)) == [("paused", "p1", 3)]
    assert player.advance(50) == []
    assert player.elapsed(50) == 3
    assert told(player.resume(50)) == [("resumed", "p1", 50)]
    assert told(player.advance(57)) == [("finished", "p1", 57), ("idle", "", 57)]


def test_pause_at_the_end_of_the_sentence() -> None:
    player = script(item("p1", 10, source="script", ends=(4, 10)))
    player.start(0)
    assert player.pause(3, at_sentence_end=True) == []
    assert told(player.advance(30)) == [("paused", "p1", 4)]


def test_an_open_item_ends_when_its_sound_has_been_heard() -> None:
    player = Player()
    player.start(0)
    player.append(Item("mic", "microphone", "", None), 0)
    player.extend("mic", 6.0)
    player.close_open("mic", 2)
    assert told(player.advance(10)) == [("finished", "mic", 6), ("idle", "", 6)]


def test_an_open_item_never_ends_by_itself() -> None:
    player = Player()
    player.start(0)
    player.append(Item("mic", "microphone", "", None), 0)
    player.extend("mic", 1.0)
    assert player.advance(100) == []
    assert told(player.close_open("mic", 100)) == [("finished", "mic", 100), ("idle", "", 100)]


def test_a_restored_player_plays_on() -> None:
    player = Player()
    player.start(0)
    player.append(item("a", 4), 1)
    player.append(item("b", 4), 1)
    again = Player()
    again.restore(player.snapshot())
    assert told(again.advance(20)) == told(player.advance(20))


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["append", "insert", "now", "place", "cancel", "move", "pause", "resume", "all", "wait"]),
        st.integers(0, 5),
        st.floats(0, 6),
    ),
    max_size=40,
)


def play(player: Player, what: str, ref: str, which: int, at: float) -> list[PlayEvent]:
    """One thing that a vendor's client may ask."""
    asked: dict[str, Callable[[], list[PlayEvent]]] = {
        "append": lambda: player.append(item(ref, 3), at),
        "insert": lambda: player.insert(item(ref, 3), at),
        "now": lambda: player.play_now(item(ref, 3), at),
        "place": lambda: player.place(item(ref, 3), which, at),
        "cancel": lambda: player.cancel(f"r{which}", at)[1],
        "move": lambda: player.move(f"r{which}", 0, at)[1],
        "pause": lambda: player.pause(at, at_sentence_end=which > 2),
        "resume": lambda: player.resume(at),
        "all": lambda: player.cancel_all(at),
        "wait": lambda: player.advance(at),
    }
    return asked[what]()


def check_air(events: list[PlayEvent]) -> set[str]:
    """One at a time, each begun and ended at most once, time never back; the refs that ended."""
    on_air, ended, last = None, set(), 0.0
    for event in events:
        assert event.at >= last - 1e-9
        last = max(last, event.at)
        ref = event.item.ref if event.item else ""
        if event.kind == "started":
            assert on_air is None
            assert ref not in ended
            on_air = ref
        elif event.kind in ("finished", "cut", "cancelled"):
            assert (on_air == ref) is (event.kind != "cancelled")
            assert ref not in ended
            on_air = on_air if event.kind == "cancelled" else None
            ended.add(ref)
    return ended


@settings(max_examples=200, deadline=None)
@given(MOVES)
def test_whatever_is_asked_each_item_is_heard_at_most_once_and_never_two_at_a_time(
    moves: list[tuple[str, int, float]],
) -> None:
    count = iter(range(1000))
    player = Player(lambda: item(f"script-{next(count)}", 5, source="script", ends=(2, 5)))
    at, events = 0.0, player.start(0)
    for number, (what, which, seconds) in enumerate(moves):
        at += seconds
        events += play(player, what, f"r{number}", which, at)
    events += player.resume(at + 1)
    events += player.advance(at + 1000)
    queued = {event.item.ref for event in events if event.kind == "queued" and event.item}
    assert queued <= check_air(events)


def test_nothing_begins_before_the_moment_at_which_somebody_asked() -> None:
    """What was ready in the past but stood behind something that is cancelled now begins now."""
    player = Player()
    player.start(0)
    first, ahead = item("a"), item("b")
    first.ready_at, ahead.ready_at = 1.3, 1.6
    player.append(first, 1.0)
    player.place(ahead, 0, 1.2)
    assert told(player.cancel("b", 1.5)[1])[-1] == ("started", "a", 1.5)


def test_an_insert_into_a_paused_paragraph_counts_from_where_it_stands() -> None:
    player = script(item("p1", 12, source="script", ends=(5, 9, 12)), item("p2", source="script"))
    player.start(0)
    player.pause(3)
    player.insert(item("i", 2), 20)
    player.resume(30)
    assert ("cut", "p1", 32) in told(player.advance(40))


def test_an_insert_that_comes_while_play_now_is_made_does_not_begin_before_it() -> None:
    player = script(item("p1", 10, source="script", ends=(4, 10)))
    player.start(0)
    player.play_now(replace(item("now", 2), ready_at=3), 1)
    player.insert(item("insert", 2), 2)
    events = player.advance(3)
    assert told(events) == [("cut", "p1", 3), ("started", "now", 3)]
    assert events[0].by == "now"
    assert told(player.advance(5)) == [("finished", "now", 5), ("started", "insert", 5)]
