"""What a rewrite may still change of a script that is being spoken, and how it differs from what was to be heard."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from dashboard.jobs.rewriting import Line, Locked, propose


def script(*texts: str, first: int = 1) -> tuple[Line, ...]:
    return tuple(Line(first + at, 1, "", text) for at, text in enumerate(texts))


NOW = script("one", "two", "three", "four")


def told(lines: tuple[Line, ...]) -> list[str]:
    return [line.text for line in lines]


def edited(no: int, text: str, lines: tuple[Line, ...] = NOW) -> tuple[Line, ...]:
    return tuple(
        Line(line.id, line.scene_no, line.title, text) if at == no else line for at, line in enumerate(lines, 1)
    )


def test_what_is_not_spoken_yet_can_be_changed_and_the_difference_says_how() -> None:
    proposal = propose(NOW, edited(3, "THREE"), Locked(through=1))
    assert told(proposal.lines) == ["one", "two", "THREE", "four"]
    assert [(row.kind, row.old_no, row.new_no, row.old, row.new) for row in proposal.differences] == [
        ("kept", 2, 2, "two", "two"),
        ("changed", 3, 3, "three", "THREE"),
        ("kept", 4, 4, "four", "four"),
    ]
    assert proposal.changes
    assert proposal.too_late == ()


def test_a_paragraph_that_is_reached_stays_as_it_was_and_is_named() -> None:
    proposal = propose(NOW, edited(2, "TWO"), Locked(through=2))
    assert told(proposal.lines) == ["one", "two", "three", "four"]
    assert proposal.too_late == (2,)
    assert not proposal.changes


def test_a_paragraph_that_was_taken_out_too_late_is_said_and_named() -> None:
    proposal = propose(NOW, (NOW[0], NOW[2], NOW[3]), Locked(through=2))
    assert told(proposal.lines) == ["one", "two", "three", "four"]
    assert proposal.too_late == (2,)


def test_lines_are_added_moved_and_taken_out_behind_what_is_reached() -> None:
    wanted = (NOW[0], NOW[3], Line(None, 1, "", "new"), NOW[1])
    proposal = propose(NOW, wanted, Locked(through=1))
    assert told(proposal.lines) == ["one", "four", "new", "two"]
    assert [line.id for line in proposal.lines] == [1, 4, None, 2]
    assert {row.kind for row in proposal.differences} >= {"gone", "kept"}


def test_what_was_inserted_before_a_reached_paragraph_comes_right_behind_it() -> None:
    wanted = (NOW[0], Line(None, 1, "", "new"), NOW[1], NOW[2], NOW[3])
    assert told(propose(NOW, wanted, Locked(through=2)).lines) == ["one", "two", "new", "three", "four"]


def test_an_emptied_paragraph_is_taken_out() -> None:
    assert told(propose(NOW, edited(4, "  "), Locked(through=1)).lines) == ["one", "two", "three"]


def test_the_last_paragraph_is_still_spoken_while_the_first_of_the_next_round_waits() -> None:
    locked = Locked(through=1, playing=(4,), waiting=(1,))
    proposal = propose(NOW, (NOW[0], NOW[1]), locked)
    assert sorted(told(proposal.lines)) == ["four", "one", "two"]
    assert proposal.too_late == (4,)


def test_what_was_spoken_in_this_loop_comes_again_with_its_new_words() -> None:
    locked = Locked(through=3, playing=(3,), loops=True)
    proposal = propose(NOW, edited(1, "ONE"), locked)
    assert told(proposal.lines) == ["ONE", "two", "three", "four"]
    assert (proposal.changes, proposal.too_late) == (True, ())
    assert [(row.kind, row.new_no) for row in proposal.differences] == [("kept", 4)]
    assert [(row.kind, row.old_no, row.old, row.new) for row in proposal.again] == [
        ("changed", 1, "one", "ONE"),
        ("kept", 2, "two", "two"),
        ("kept", 3, "three", "three"),
    ]


def test_in_a_loop_only_what_is_being_spoken_keeps_its_words() -> None:
    wanted = tuple(Line(line.id, 1, "", line.text.upper()) for line in NOW)
    proposal = propose(NOW, wanted, Locked(through=2, playing=(2,), loops=True))
    assert told(proposal.lines) == ["ONE", "two", "THREE", "FOUR"]
    assert proposal.too_late == (2,)


def test_what_was_spoken_in_this_loop_keeps_its_place_until_the_next() -> None:
    # The vendor tells paragraphs of a round by their number: one less before the place would skip one behind it.
    wanted = (NOW[1], Line(1, 1, "", "  "), NOW[3], NOW[2])
    proposal = propose(NOW, wanted, Locked(through=2, playing=(2,), loops=True))
    assert told(proposal.lines) == ["one", "two", "four", "three"]
    assert proposal.too_late == (1,)


def test_a_script_that_plays_once_says_nothing_again() -> None:
    assert propose(NOW, edited(1, "ONE"), Locked(through=2, playing=(2,))).again == ()


def test_a_line_that_is_moved_into_a_later_scene_draws_nothing_behind_it_back() -> None:
    lines = (Line(1, 1, "", "a"), Line(2, 2, "", "b"), Line(3, 1, "", "c"))
    assert [line.scene_no for line in propose(lines, lines, Locked()).lines] == [1, 2, 2]


WANTED = some.lists(
    some.one_of(some.sampled_from(NOW), some.text(max_size=3).map(lambda text: Line(None, 1, "", text))), max_size=8
)


@given(wanted=WANTED, through=some.integers(0, 4), playing=some.none() | some.integers(1, 4), loops=some.booleans())
def test_whatever_somebody_sends_what_is_locked_is_said_as_it_was(
    wanted: list[Line], through: int, playing: int | None, loops: bool
) -> None:
    unique = list({line.id or id(line): line for line in wanted}.values())
    locked = Locked(through=through, playing=(playing,) if playing else (), loops=loops)
    proposal = propose(NOW, unique, locked)
    assert [line.id for line in proposal.lines[:through]] == [line.id for line in NOW[:through]]
    assert all(line.text for line in proposal.lines[:through])
    for no, line in enumerate(NOW, start=1):
        if locked.holds(no):
            assert line in proposal.lines
    known = [line.id for line in proposal.lines if line.id is not None]
    assert len(known) == len(set(known))
    assert propose(proposal.lines, proposal.lines, Locked(through=through)).changes is False
