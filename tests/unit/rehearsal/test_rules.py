"""What a rehearsal comes to: noticed, silenced, right, wrong, heard twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dashboard.rehearsal.rules import Did, Heard, Outcome, judge
from dashboard.rehearsal.scenarios import BY_SLUG, Deed

START = datetime(2026, 3, 14, 6, 0, tzinfo=UTC)
WORDS = BY_SLUG["wrong-words"].words


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def did(seconds: float, deed: Deed, text: str = "") -> Did:
    return Did(at(seconds), "Oki", deed, text)


def heard(seconds: float, until: float | None, text: str, *, ref: str = "1", cut: bool = False) -> Heard:
    return Heard(ref, text, at(seconds), None if until is None else at(until), cut)


def outcome(slug: str, *deeds: Did, noticed: float | None = None, air: tuple[Heard, ...] = ()) -> Outcome:
    noticed_at = None if noticed is None else at(noticed)
    return judge(BY_SLUG[slug], incident_at=START, noticed_at=noticed_at, deeds=deeds, heard=air)


def test_pressing_i_see_it_is_noticing() -> None:
    assert outcome("outage", noticed=4.2).noticed_after_s == 4.2


def test_a_right_act_is_noticing_too_whichever_comes_first() -> None:
    assert outcome("wrong-words", did(3, Deed.SILENCE), noticed=5).noticed_after_s == 3
    assert outcome("wrong-words", did(7, Deed.SILENCE), noticed=5).noticed_after_s == 5


def test_nobody_noticed() -> None:
    assert outcome("outage", did(3, Deed.SAY, "大家好，欢迎来到直播间。")).noticed_after_s is None


def test_pressing_before_the_incident_is_not_noticing_it() -> None:
    assert outcome("outage", noticed=-2).noticed_after_s is None


def test_what_was_done_before_the_incident_is_neither_right_nor_wrong() -> None:
    result = outcome("wrong-words", did(-1, Deed.SILENCE), did(2, Deed.STOP))
    assert [one.verdict for one in result.judged] == ["", "wrong"]
    assert result.wrong == 1


def test_saying_a_sentence_alone_shows_nothing() -> None:
    assert outcome("channel-drops", did(1, Deed.SAY, "照常说一句话给大家。")).noticed_after_s is None
    assert outcome("comment-flood", did(4, Deed.SAY, "照常说一句话给大家。")).noticed_after_s == 4


def test_what_needs_words_is_counted_from_the_first_of_them() -> None:
    said = did(17, Deed.SAY, "这句话厂商会吞掉的。")
    assert outcome("swallowed-sentence", said, noticed=40).noticed_after_s == 23
    assert outcome("swallowed-sentence", noticed=40).noticed_after_s is None


def test_the_same_words_by_hand_are_a_repeat() -> None:
    result = outcome("slow-vendor", did(1, Deed.SAY, "同一句话，再说一遍。"), did(4, Deed.SAY, "同一句话，再说一遍。"))
    assert [(one.deed, one.verdict) for one in result.judged] == [(Deed.SAY, "right"), (Deed.REPEAT, "wrong")]


def test_sending_again_is_wrong_where_it_was_heard_and_right_where_it_was_not() -> None:
    assert outcome("untold-sentence", did(2, Deed.AGAIN, "这句话再说一遍。")).wrong == 1
    swallowed = outcome("swallowed-sentence", did(2, Deed.AGAIN, "这句话再说一遍。"))
    assert (swallowed.wrong, swallowed.judged[0].verdict) == (0, "right")


def test_silence_counts_from_the_first_wrong_word_to_the_cut() -> None:
    result = outcome("wrong-words", did(3, Deed.SILENCE), air=(heard(0.5, 3.3, WORDS, cut=True),))
    assert result.silenced_after_s == 2.8


def test_words_that_were_heard_to_their_end_were_not_silenced() -> None:
    assert outcome("wrong-words", air=(heard(0.5, 17, WORDS),)).silenced_after_s is None
    assert outcome("wrong-words", air=(heard(0.5, None, WORDS),)).silenced_after_s is None


def test_a_silence_counts_although_the_host_may_speak_again_later() -> None:
    air = (heard(0.5, 3.3, WORDS, cut=True), heard(20, 34, WORDS))
    assert outcome("wrong-words", did(3, Deed.SILENCE), air=air).silenced_after_s == 2.8


def test_a_sentence_that_two_items_carried_was_heard_twice() -> None:
    text = "这支口红今天有优惠。"
    twice = (heard(1, 3, text, ref="a"), heard(5, 7, text, ref="b"))
    assert outcome("lost-answer", did(0.5, Deed.SAY, text), air=twice).heard_twice == (text,)


def test_a_sentence_that_a_pause_cut_in_two_was_heard_once() -> None:
    text = "这支口红今天有优惠。"
    paused = (heard(1, 2, text, ref="a", cut=True), heard(4, 6, text, ref="a"))
    assert outcome("lost-answer", did(0.5, Deed.SAY, text), air=paused).heard_twice == ()


def test_the_script_may_repeat_itself() -> None:
    loop = (heard(1, 3, "欢迎来到直播间。", ref="a"), heard(9, 11, "欢迎来到直播间。", ref="b"))
    assert outcome("outage", air=loop).heard_twice == ()
