"""The question desk: what is asked becomes a question, who answers it, and when it is answered."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard.audience.answers import question_of
from dashboard.audience.deciding import decide_next
from dashboard.audience.grouping import MOST_OPEN, PASSES_AFTER, note_questions
from dashboard.audience.models import Asking, Question, RuleDecision
from dashboard.audience.selectors import questions_of, unanswered
from dashboard.audience.services import questions
from dashboard.audience.services.answer import say_decided
from dashboard.audience.states import Cause, Closed, Outcome, QuestionState
from dashboard.audit.models import AuditEntry
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib.clock import ManualClock
from dashboard.lib.errors import Conflict, Invalid
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import ask, settle
from dashboard.takeover.wish import Wish
from tests import cast as make
from tests.cast import SOFTSUGAR, Cast, Person

WORDS = "到手价一百九十九元，左下角小黄车。"


@pytest.fixture
def job(cast: Cast) -> Job:
    return make.on_air(make.room(make.account(cast.alpha, SOFTSUGAR), code="K7Q"), cast.oki)


def fresh(question: Question) -> Question:
    return Question.objects.select_related("takeover", "claimed_by", "room").get(pk=question.pk)


def answer(question: Question, by: Person) -> Takeover:
    """As the composer does it: words that are linked to the comment."""
    wish = Wish(WORDS, cause_event_id=question.event_id)
    key = f"answer-{question.pk}-{Takeover.objects.count()}"
    return ask.request_takeover(job=question.job, wish=wish, user=by.user, actor=by.actor, key=key)


# ------------------------------------------------------------------------------------------------------------- becoming


def test_comments_that_ask_the_same_are_one_question(job: Job) -> None:
    for text in ("多少钱？", "好看", "主播多少钱", "几天到", "这个多少钱呢"):
        make.comment(job, text)
    assert [(one.text, one.count) for one in questions_of(job, limit=9)] == [("多少钱？", 3), ("几天到", 1)]
    assert Asking.objects.count() == 4
    assert unanswered([job.pk])[job.pk].count == 2


def test_a_batch_without_a_question_costs_no_query_more(job: Job) -> None:
    make.comment(job, "好看")
    events = list(Event.objects.filter(kind=Kind.COMMENT))
    with CaptureQueriesContext(connection) as captured:
        note_questions({job.pk: events})
    assert len(captured) == 0


def test_a_burst_costs_a_few_queries_however_many_ask(job: Job) -> None:
    for number in range(30):
        make.comment(job, f"{number} 号多少钱")
    events = list(Event.objects.filter(kind=Kind.COMMENT))
    Question.objects.all().delete()
    with CaptureQueriesContext(connection) as captured:
        note_questions({job.pk: events})
    assert len(captured) <= 4
    assert Question.objects.count() == 30


def test_what_is_answered_is_asked_anew(cast: Cast, job: Job) -> None:
    asked = make.question(job, "多少钱？")
    make.happened(answer(asked, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_STARTED, Kind.ITEM_FINISHED)
    again = make.question(job, "多少钱？")
    assert again != asked
    assert [one.pk for one in questions_of(job, limit=9)] == [again.pk]


def test_nobody_waits_for_ever_and_a_crowd_pushes_the_oldest_out(
    cast: Cast, job: Job, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, kept = make.question(job, "多少钱？"), make.question(job, "敏感肌能用吗", by=cast.oki)
    manual_clock.advance(PASSES_AFTER.total_seconds() + 1)
    make.question(job, "几天到")
    assert fresh(old).closed_why == Closed.PASSED
    assert fresh(kept).state == QuestionState.CLAIMED
    monkeypatch.setattr("dashboard.audience.grouping.MOST_OPEN", 3)
    first = Question.objects.get(text="几天到")
    for text in ("红色有吗", "开发票吗"):
        make.question(job, text)
    assert fresh(first).closed_why == Closed.CROWDED
    assert len(questions_of(job, limit=9)) == 3
    assert MOST_OPEN == 500


# ---------------------------------------------------------------------------------------------------------- who answers


def test_a_claim_is_seen_and_another_one_needs_a_second_press(cast: Cast, job: Job) -> None:
    asked = make.question(job, "多少钱？", by=cast.oki)
    assert (asked.claimed_by, asked.state) == (cast.oki.user, QuestionState.CLAIMED)
    again = questions.claim(question=asked, user=cast.oki.user, actor=cast.oki.actor)
    assert again.version == asked.version
    with pytest.raises(Conflict, match="Press once more"):
        questions.claim(question=asked, user=cast.pia.user, actor=cast.pia.actor)
    taken = questions.claim(question=asked, user=cast.pia.user, actor=cast.pia.actor, confirmed=True)
    assert taken.claimed_by == cast.pia.user
    entry = AuditEntry.objects.filter(action="claim_question").latest("pk")
    assert (entry.actor_label, entry.after) == ("Pia Chen", {"question": "多少钱？", "before": "Oki Wang"})


def test_the_first_press_on_a_colleagues_question_arms_the_button(cast: Cast, job: Job, sign_in: Any) -> None:
    asked = make.question(job, "多少钱？", by=cast.oki)
    client = sign_in(cast.pia)
    for url in (
        reverse("audience:claim", args=["alpha", asked.pk]),
        reverse("audience:claim_comment", args=["alpha", job.room.code, asked.event_id]),
    ):
        first = client.post(url, headers={"HX-Request": "true"})
        assert (first.status_code, "X-Toast" in first) == (428, False)
        assert unquote(first["X-Arm"]) == "Take it over"
        assert "Oki Wang answers this question" in first.content.decode()
        assert fresh(asked).claimed_by == cast.oki.user
    assert client.post(url, headers={"HX-Request": "true", "X-Confirmed": "1"}).status_code == 204
    assert fresh(asked).claimed_by == cast.pia.user


def test_a_claim_taken_over_meanwhile_is_not_taken_over_unseen(cast: Cast, job: Job) -> None:
    asked = make.question(job, "多少钱？", by=cast.oki)
    seen = asked.version
    questions.claim(question=asked, user=cast.pia.user, actor=cast.pia.actor, confirmed=True)
    with pytest.raises(Conflict, match="changed meanwhile"):
        questions.claim(question=asked, user=cast.ada.user, actor=cast.ada.actor, version=seen, confirmed=True)


def test_released_and_closed(cast: Cast, job: Job) -> None:
    asked = make.question(job, "多少钱？", by=cast.oki)
    by = {"user": cast.oki.user, "actor": cast.oki.actor}
    assert questions.release(question=asked, **by).state == QuestionState.OPEN
    assert questions.release(question=asked, **by).state == QuestionState.OPEN
    assert questions.close(question=asked, **by).state == QuestionState.CLOSED
    assert questions.close(question=asked, **by).closed_why == Closed.BY_HAND
    assert not questions_of(job, limit=9)
    with pytest.raises(Conflict, match="answered or closed already"):
        questions.claim(question=asked, **by)


def test_a_colleagues_question_is_not_closed_nor_answered_over_their_head(cast: Cast, job: Job) -> None:
    asked = make.question(job, "多少钱？", by=cast.oki)
    with pytest.raises(Conflict, match="Take it over first"):
        questions.close(question=asked, user=cast.pia.user, actor=cast.pia.actor)
    with pytest.raises(Conflict, match="Oki Wang answers this question"):
        answer(asked, cast.pia)
    assert not Takeover.objects.filter(cause_event_id=asked.event_id).exists()


def test_two_who_answer_at_once_are_one_answer(cast: Cast, job: Job) -> None:
    asked = make.question(job, "多少钱？")
    item = answer(asked, cast.oki)
    with pytest.raises(Conflict, match=f"{item} answers this question already"):
        answer(asked, cast.oki)
    with pytest.raises(Conflict, match=f"{item} answers this question already"):
        questions.claim(question=asked, user=cast.pia.user, actor=cast.pia.actor, confirmed=True)


def test_a_comment_that_does_not_look_like_one_becomes_a_question_by_hand(cast: Cast, job: Job) -> None:
    make.comment(job, "我想看另一面")
    event = Event.objects.get(kind=Kind.COMMENT)
    by = {"user": cast.oki.user, "actor": cast.oki.actor}
    claimed = questions.claim_comment(room=job.room, event_id=event.pk, **by)
    assert (claimed.is_detected, claimed.claimed_by, claimed.text) == (False, cast.oki.user, "我想看另一面")
    assert questions.claim_comment(room=job.room, event_id=event.pk, **by) == claimed


def test_the_comment_of_another_room_is_no_cause_here(cast: Cast, job: Job) -> None:
    other = make.on_air(make.room(job.account), cast.oki)
    asked = make.question(other, "多少钱？")
    wish = Wish(WORDS, cause_event_id=asked.event_id)
    with pytest.raises(Invalid, match="no such comment"):
        ask.request_takeover(job=job, wish=wish, user=cast.oki.user, actor=cast.oki.actor, key="elsewhere")
    with pytest.raises(Invalid, match="no such comment"):
        questions.claim_comment(room=job.room, event_id=asked.event_id, user=cast.oki.user, actor=cast.oki.actor)


# ------------------------------------------------------------------------------------------------------------- answered


def test_answered_is_what_was_heard_to_its_end_for_all_who_asked_it(cast: Cast, job: Job) -> None:
    asked = make.question(job, "多少钱？")
    make.comment(job, "多少钱啊")
    item = answer(asked, cast.oki)
    assert (fresh(asked).state, fresh(asked).claimed_by) == (QuestionState.ANSWERING, cast.oki.user)
    make.happened(item, Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    assert fresh(asked).state == QuestionState.ANSWERING
    make.happened(item, Kind.ITEM_FINISHED)
    assert (fresh(asked).state, fresh(asked).count) == (QuestionState.ANSWERED, 2)
    assert unanswered([job.pk]) == {}


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ((Kind.ITEM_SENDING, Kind.ITEM_REFUSED), "was refused and not heard"),
        ((Kind.ITEM_SENDING, Kind.ITEM_FAILED), "failed and was not heard"),
        ((Kind.ITEM_SENDING, Kind.ITEM_UNSURE), "We do not know if viewers heard"),
        ((Kind.ITEM_EXPIRED,), "came too late"),
    ],
)
def test_what_was_not_heard_leaves_the_question_open_and_says_why(
    cast: Cast, job: Job, sign_in: Any, kinds: tuple[Kind, ...], told: str
) -> None:
    asked = make.question(job, "多少钱？")
    make.happened(answer(asked, cast.oki), *kinds)
    assert fresh(asked).state == QuestionState.CLAIMED
    page = sign_in(cast.oki).get(reverse("console:asked", args=["alpha", "K7Q"])).content.decode()
    assert told in page
    assert answer(asked, cast.oki).pk == fresh(asked).takeover_id


def test_taken_back_is_open_again_and_marked_as_spoken_is_answered(cast: Cast, job: Job) -> None:
    asked = make.question(job, "多少钱？")
    item = answer(asked, cast.oki)
    settle.cancel_takeover(item=item, user=cast.oki.user, actor=cast.oki.actor)
    assert fresh(asked).state == QuestionState.CLAIMED
    doubtful = make.happened(answer(asked, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_UNSURE)
    settle.mark_spoken(item=doubtful, user=cast.oki.user, actor=cast.oki.actor)
    assert fresh(asked).state == QuestionState.ANSWERED


def test_a_rules_answer_answers_the_question_and_a_claim_holds_the_rule_back(cast: Cast) -> None:
    rules = make.rule_set(cast.alpha, cast.pia, make.rule("多少钱|几天", WORDS))
    job = make.on_air(make.room(make.account(cast.alpha, SOFTSUGAR), rules=rules), cast.oki)
    asked, claimed = make.question(job, "多少钱？"), make.question(job, "几天到", by=cast.oki)
    decide_next(job, still_mine=lambda: True)
    for made in RuleDecision.objects.order_by("id"):
        say_decided(made, still_mine=lambda: True)
    first, second = RuleDecision.objects.order_by("id")
    assert (first.outcome, fresh(asked).takeover, fresh(asked).claimed_by) == (Outcome.FIRED, first.takeover, None)
    assert (second.outcome, second.cause, fresh(claimed).takeover) == (Outcome.LOST, Cause.CLAIMED, None)


# ------------------------------------------------------------------------------------------------------------- on pages


def test_the_desk_tells_the_oldest_and_how_many(cast: Cast, job: Job, sign_in: Any) -> None:
    make.question(job, "多少钱？")
    make.comment(job, "多少钱呢")
    make.question(job, "<b>几天到</b>", by=cast.pia)
    page = sign_in(cast.oki).get(reverse("console:asked", args=["alpha", "K7Q"])).content.decode()
    assert "(2)" in page
    assert "and 1 alike" in page
    assert "&lt;b&gt;几天到&lt;/b&gt;" in page
    assert f'data-claimant="{cast.pia.user.pk}"' in page
    assert "Take it from Pia Chen and answer" in page


def test_the_wall_puts_the_longest_unanswered_before_the_rest(cast: Cast, job: Job, sign_in: Any) -> None:
    calm = make.on_air(make.room(job.account, code="A2A"), cast.oki)
    late = make.on_air(make.room(job.account, code="Z9Z"), cast.oki)
    make.question(late, "多少钱？")
    make.question(job, "多少钱？")
    Question.objects.filter(job=late).update(asked_at=Question.objects.get(job=late).asked_at - timedelta(minutes=2))
    page = sign_in(cast.oki).get(reverse("console:wall", args=["alpha"])).content.decode()
    order = [code for code in re.findall(r'data-room="(\w+)"', page) if code in ("K7Q", "A2A", "Z9Z")]
    assert order == ["Z9Z", "K7Q", calm.room.code]


def test_a_rule_that_speaks_is_the_host_and_nobody_elses_talkback(cast: Cast, sign_in: Any) -> None:
    rules = make.rule_set(cast.alpha, cast.pia, make.rule("多少钱", WORDS, name="price"))
    job = make.on_air(make.room(make.account(cast.alpha, SOFTSUGAR), rules=rules), cast.oki)
    make.question(job, "多少钱？")
    decide_next(job, still_mine=lambda: True)
    item = say_decided(RuleDecision.objects.get(), still_mine=lambda: True).takeover
    assert item is not None
    make.happened(item, Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    page = sign_in(cast.oki).get(reverse("console:desk", args=["alpha", job.room.code])).content.decode()
    assert "TALKBACK" not in page
    assert f"rule price · {item}" in page


def test_views_pass_what_the_page_shows_on(cast: Cast, job: Job, sign_in: Any) -> None:
    asked = make.question(job, "多少钱？", by=cast.oki)
    client = sign_in(cast.pia)
    address = reverse("audience:claim", args=["alpha", asked.pk])
    refused = client.post(address, {"version": asked.version}, headers={"HX-Request": "true"})
    assert refused.status_code == 428
    assert "Oki Wang answers this question" in refused.content.decode()
    assert client.post(address, {"version": asked.version}, headers={"X-Confirmed": "1"}).status_code == 204
    found = question_of(asked.event_id)
    assert found is not None
    assert found.claimed_by == cast.pia.user
