"""Properties of the play types over random courses of requests, judged by what was audible."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.sandbox.metastudio_job import Job, Notice, Request
from dashboard.sandbox.playback import PlayEvent

PARAGRAPHS = ["One here. Two here. Three here.", "Four here. Five here.", "Six here."]

ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["APPEND", "INSERT", "PLAY_NOW"]),
        st.floats(min_value=0.0, max_value=6.0),
        st.sampled_from(["Short words.", "Longer words here. And a second sentence."]),
    ),
    max_size=12,
)


@dataclass
class Heard:
    ref: str
    source: str
    began: float
    ended: float = -1.0
    cut_by: str = ""


class Course:
    """Plays a course of requests and keeps what was audible and told."""

    def __init__(self) -> None:
        shots = [{"sequence_no": number, "text_config": {"text": text}} for number, text in enumerate(PARAGRAPHS, 1)]
        room = {
            "scene_scripts": [{"script_name": "S", "shoot_scripts": shots}],
            "play_policy": {"repeat_count": 2},
        }
        self.job = Job(job_id="j", room_id="r", room=room, rtc_room="0" * 32, at=0.0, created="", number=1)
        self.heard: list[Heard] = []
        self.finished: list[str] = []
        self.asked: dict[str, tuple[str, float]] = {}
        self.take(self.job.advance(3.0))

    def take(self, notices: list[Notice]) -> None:
        for notice in notices:
            if notice.kind == "finish":
                self.finished.append(notice.data["reply_id"])
            if notice.event is not None:
                self.follow(notice.event)

    def follow(self, event: PlayEvent) -> None:
        if event.kind == "started" and event.item is not None:
            self.heard.append(Heard(event.item.ref, event.item.source, event.at))
        elif event.kind in ("finished", "cut"):
            self.heard[-1].ended, self.heard[-1].cut_by = event.at, event.by

    def run(self, actions: list[tuple[str, float, str]]) -> Course:
        at = 3.0
        for number, (play_type, wait, text) in enumerate(actions):
            at += wait
            self.take(self.job.advance(at))
            if self.job.is_running:
                ref = f"t{number}"
                self.asked[ref] = (play_type, at)
                self.take(self.job.say(Request(ref, text=text, play_type=play_type), at))
        self.take(self.job.advance(10_000.0))
        return self

    def order(self, play_type: str) -> list[str]:
        return [one.ref for one in self.heard if self.asked.get(one.ref, ("",))[0] == play_type]


@given(ACTIONS)
@settings(max_examples=200, deadline=None)
def test_every_request_is_heard_once_and_finishes_unless_it_was_cut(actions: list[tuple[str, float, str]]) -> None:
    course = Course().run(actions)
    refs = [one.ref for one in course.heard if one.source != "script"]
    assert sorted(refs) == sorted(course.asked)
    cut = {one.ref for one in course.heard if one.cut_by}
    assert course.finished == [ref for ref in refs if ref not in cut]


@given(ACTIONS)
@settings(max_examples=200, deadline=None)
def test_there_is_one_voice_without_a_gap(actions: list[tuple[str, float, str]]) -> None:
    course = Course().run(actions)
    for before, after in zip(course.heard, course.heard[1:], strict=False):
        assert before.ended == after.began


@given(ACTIONS)
@settings(max_examples=200, deadline=None)
def test_who_may_cut_whom_and_when(actions: list[tuple[str, float, str]]) -> None:
    course = Course().run(actions)
    for number, one in enumerate(course.heard):
        if not one.cut_by:
            continue
        play_type, asked = course.asked[one.cut_by]
        assert course.heard[number + 1].ref == one.cut_by
        if play_type == "PLAY_NOW":
            assert one.ended == asked
        else:
            assert (play_type, one.source) == ("INSERT", "script")
            text = PARAGRAPHS[(int(one.ref.removeprefix("script-")) - 1) % 3]
            ends = course.job.speech(text, 100).sentence_ends
            assert any(abs(one.began + end - one.ended) < 1e-6 for end in ends)


@given(ACTIONS)
@settings(max_examples=200, deadline=None)
def test_requests_of_a_kind_keep_their_order_and_inserts_pass_appends(actions: list[tuple[str, float, str]]) -> None:
    course = Course().run(actions)
    for play_type in ("APPEND", "INSERT"):
        order = course.order(play_type)
        assert order == sorted(order, key=lambda ref: int(ref[1:]))
    began = {one.ref: one.began for one in course.heard}
    for append in course.order("APPEND"):
        for insert in course.order("INSERT"):
            if course.asked[insert][1] < began[append]:
                assert began[insert] < began[append]


@given(ACTIONS)
@settings(max_examples=200, deadline=None)
def test_the_script_is_spoken_in_order_and_only_when_nobody_waits(actions: list[tuple[str, float, str]]) -> None:
    course = Course().run(actions)
    script = [one for one in course.heard if one.source == "script"]
    assert [one.ref for one in script] == [f"script-{number}" for number in range(1, 10)]
    began = {one.ref: one.began for one in course.heard}
    for paragraph in script:
        assert not [
            ref for ref, (_, asked) in course.asked.items() if asked < paragraph.began and began[ref] > paragraph.began
        ]
    assert course.job.state == "SUCCEED"
