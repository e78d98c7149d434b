"""A second person: what a room wants approved is heard only if somebody else let it through, in time and as read."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import translation

from dashboard.audit.models import AuditEntry
from dashboard.console import items as shown
from dashboard.console.summary import summary
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.lib.errors import Conflict, Forbidden
from dashboard.live.relay import claims, windows
from dashboard.live.relay.keeper import Keeper
from dashboard.takeover.models import Kind, SecondPerson, Takeover
from dashboard.takeover.services import approve, ask, quiet, settle
from dashboard.takeover.states import Mode, Source
from dashboard.takeover.wish import Wish
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandKind, CommandState
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import METASTUDIO, SOFTSUGAR, WORDS, Cast, Person

pytestmark = pytest.mark.django_db
RELAY = "relay-of-the-test"


@pytest.fixture(params=[SOFTSUGAR, METASTUDIO])
def job(request: Any, cast: Cast, manual_clock: ManualClock) -> Job:
    made = make.on_air(make.room(make.account(cast.alpha, request.param)), cast.oki)
    Job.objects.filter(pk=made.pk).update(owner=RELAY, epoch=1)
    make.second_person(made.room, kinds=["text"])
    return made


def words_left() -> int:
    """How many sentences of people may leave now."""
    people = Takeover.objects.exclude(source=Source.SCRIPT)
    says = Command.objects.filter(kind=CommandKind.SAY, state=CommandState.READY)
    return says.filter(trace_id__in=people.values("trace_id")).count()


def fresh(item: Takeover) -> Takeover:
    return Takeover.objects.select_related("room", "job__account", "job__room").get(pk=item.pk)


def let_through(item: Takeover, by: Person, version: int | None = None) -> Takeover:
    return approve.approve(item=item, user=by.user, actor=by.actor, version=version or item.version)


def give_back(item: Takeover, by: Person, reason: str = "") -> Takeover:
    return approve.return_to_author(item=item, user=by.user, actor=by.actor, version=item.version, reason=reason)


def told(item: Takeover, language: str = "en") -> str:
    with translation.override(language):
        return shown.notice(fresh(item), "alpha").text


# ------------------------------------------------------------------------------------------------------------- asking


def test_it_waits_for_a_second_person_and_says_why(job: Job, cast: Cast) -> None:
    item = fresh(make.takeover(job, cast.oki))
    assert (item.state, item.approval_why, words_left()) == ("awaiting_approval", "kind:text", 0)
    assert item.approval_asked_at is not None
    assert item.due_at == item.approval_due_at == item.approval_asked_at + timedelta(seconds=30)
    assert Event.objects.filter(kind="item.approval_asked").count() == 1


def test_first_its_undo_window_then_the_second_person(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    make.undo_window(cast.alpha, 3)
    item = make.takeover(job, cast.oki)
    assert item.state == "held"
    manual_clock.advance(3)
    windows.end_due(RELAY)
    item = fresh(item)
    assert (item.state, item.approval_due_at, words_left()) == (
        "awaiting_approval",
        clock.now() + timedelta(seconds=30),
        0,
    )


@pytest.mark.parametrize(
    ("chosen", "text", "mode", "who", "asked"),
    [
        ({"modes": ["now"]}, WORDS, Mode.NOW, "oki", True),
        ({"modes": ["now"]}, WORDS, Mode.APPEND, "oki", False),
        ({"roles": ["operator"]}, WORDS, Mode.APPEND, "oki", True),
        ({"roles": ["operator"]}, WORDS, Mode.APPEND, "pia", False),
        ({"words": ["最低价"]}, "今天全网最低价，大家不要错过。", Mode.APPEND, "ada", True),
        ({"words": ["最低价"]}, WORDS, Mode.APPEND, "ada", False),
        ({"kinds": ["audio"]}, WORDS, Mode.APPEND, "oki", False),
        ({}, WORDS, Mode.NOW, "oki", False),
    ],
)
def test_what_takes_a_second_person(
    job: Job, cast: Cast, chosen: dict[str, Any], text: str, mode: Mode, who: str, asked: bool
) -> None:
    make.second_person(job.room, **chosen)
    item = fresh(make.takeover(job, getattr(cast, who), text=text, mode=mode))
    assert (item.state, words_left()) == (("awaiting_approval", 0) if asked else ("waiting", 1))


@pytest.mark.parametrize("wish", [Wish(WORDS, source=Source.RULE), Wish(WORDS, Mode.NOW, label="Rehearsal")])
def test_rules_and_rehearsals_speak_by_themselves(job: Job, cast: Cast, wish: Wish) -> None:
    user = None if wish.source == Source.RULE else cast.oki.user
    item = ask.request_takeover(job=job, wish=wish, user=user, actor=cast.oki.actor, key="k")
    assert (fresh(item).state, words_left()) == ("waiting", 1)


def test_what_viewers_hear_is_what_is_looked_at(job: Job, cast: Cast) -> None:
    """An alias is said instead of what it stands for."""
    SecondPerson.objects.filter(room=job.room).update(kinds=[], words=["最低价"])
    said = '<speak>今天是<sub alias="全网最低价">一个好价</sub>，大家不要错过。</speak>'
    wish = Wish(said, kind=Kind.SSML)
    item = ask.request_takeover(job=job, wish=wish, user=cast.oki.user, actor=cast.oki.actor, key="alias")
    assert fresh(item).approval_why == "word:最低价"


def test_another_room_needs_nobody(job: Job, cast: Cast) -> None:
    other = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    assert fresh(make.takeover(other, cast.oki)).state == "waiting"


# ----------------------------------------------------------------------------------------------------------- approving


def test_a_second_person_lets_it_through_once(job: Job, cast: Cast) -> None:
    item = fresh(make.takeover(job, cast.oki))
    for _ in range(2):
        let_through(item, cast.pia)
    item = fresh(item)
    assert (item.state, item.approved_by, item.approved_hash, words_left()) == (
        "waiting",
        cast.pia.user,
        item.content_hash,
        1,
    )
    assert item.due_at is None
    assert AuditEntry.objects.filter(action="approve_takeover", actor_id=cast.pia.user.pk).count() == 1


def test_two_people_at_once_are_one_approval(job: Job, cast: Cast) -> None:
    item = fresh(make.takeover(job, cast.oki))
    version = item.version
    let_through(item, cast.pia, version)
    with pytest.raises(Conflict, match="changed meanwhile"):
        let_through(item, cast.ada, version)
    assert words_left() == 1


def test_nobody_approves_their_own(job: Job, cast: Cast) -> None:
    item = fresh(make.takeover(job, cast.ada))
    for deed in (let_through, give_back):
        with pytest.raises(Forbidden, match="second person"):
            deed(item, cast.ada)
    assert (fresh(item).state, words_left()) == ("awaiting_approval", 0)


def test_the_room_names_the_least_role(job: Job, cast: Cast) -> None:
    make.second_person(job.room, kinds=["text"], approver="producer")
    item = fresh(make.takeover(job, cast.ada))
    with pytest.raises(Forbidden, match="Producer"):
        let_through(item, cast.oki)
    assert let_through(item, cast.pia).state == "waiting"


def test_a_stale_page_approves_nothing(job: Job, cast: Cast) -> None:
    item = fresh(make.takeover(job, cast.oki))
    with pytest.raises(Conflict, match="changed meanwhile"):
        let_through(item, cast.pia, version=item.version - 1)
    assert words_left() == 0


def test_without_the_version_that_was_read_nothing_is_approved(job: Job, cast: Cast, sign_in: Any) -> None:
    item = make.takeover(job, cast.oki)
    for name in ("approve", "return"):
        url = reverse(f"takeover:{name}", args=["alpha", item.pk])
        assert sign_in(cast.pia).post(url, {"reason": "x"}).status_code == 422
    assert fresh(item).state == "awaiting_approval"


def test_changed_words_lose_their_approval(job: Job, cast: Cast) -> None:
    item = let_through(fresh(make.takeover(job, cast.oki)), cast.pia)
    item.text, item.content_hash = "换成了另外一句完全不同的话。", "another"
    item.save(update_fields=["text", "content_hash", *item.refresh_state()])
    assert (fresh(item).state, fresh(item).approved_at, fresh(item).approved_hash) == ("awaiting_approval", None, "")


def test_the_relay_looks_once_more_before_bytes_leave(job: Job, cast: Cast) -> None:
    """Even where the row was changed behind everybody's back, the words that leave are those that were read."""
    item = let_through(fresh(make.takeover(job, cast.oki)), cast.pia)
    Command.objects.exclude(trace_id=item.trace_id).delete()
    Takeover.objects.filter(pk=item.pk).update(text="换成了另外一句完全不同的话。")
    keeper = Keeper(RELAY, 1, lambda: True)
    assert claims.claim_next(job.pk, outbox.speak_lane(job.pk), keeper) is None
    item = fresh(item)
    assert (item.state, item.claimed_at, words_left()) == ("awaiting_approval", None, 0)
    let_through(item, cast.pia)
    ready = claims.claim_next(job.pk, outbox.speak_lane(job.pk), keeper)
    assert ready is not None
    assert ready.words.text == "换成了另外一句完全不同的话。"


# ------------------------------------------------------------------------------------------------- returned, too late


def test_returned_words_are_rejected_and_the_author_reads_why(job: Job, cast: Cast) -> None:
    item = fresh(make.takeover(job, cast.oki))
    for _ in range(2):
        give_back(item, cast.pia, "价格不对。")
    assert (fresh(item).state, words_left()) == ("rejected", 0)
    assert told(item) == "Pia Chen returned it: 价格不对. Nothing was heard. Change the words, then say them anew."
    assert AuditEntry.objects.get(action="return_takeover").reason == "价格不对。"
    with pytest.raises(Conflict, match="it is rejected now"):
        let_through(fresh(item), cast.pia)


def test_nobody_came(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = fresh(make.takeover(job, cast.oki))
    assert windows.soonest(RELAY, 30) == item.approval_due_at
    manual_clock.advance(29.9)
    windows.end_due(RELAY)
    assert fresh(item).state == "awaiting_approval"
    manual_clock.advance(0.1)
    for _ in range(2):
        windows.end_due(RELAY)
    assert (fresh(item).state, fresh(item).due_at, words_left()) == ("rejected", None, 0)
    assert told(item) == (
        "Nobody approved it within 30 s. Nothing was heard. Say it once more when somebody is there to approve it."
    )
    with pytest.raises(Conflict):
        let_through(item, cast.pia)
    assert words_left() == 0


def test_approved_in_time_never_expires(job: Job, cast: Cast, manual_clock: ManualClock) -> None:
    item = let_through(fresh(make.takeover(job, cast.oki)), cast.pia)
    manual_clock.advance(31)
    windows.end_due(RELAY)
    assert fresh(item).state == "waiting"


# ---------------------------------------------------------------------------------------- what else happens meanwhile


def test_its_author_may_cancel_it(job: Job, cast: Cast) -> None:
    item = fresh(make.takeover(job, cast.oki))
    settle.cancel_takeover(item=item, user=cast.oki.user, actor=cast.oki.actor, version=item.version)
    with pytest.raises(Conflict):
        let_through(item, cast.pia)
    assert (fresh(item).state, words_left()) == ("cancelled", 0)


def test_an_approval_after_panic_sends_nothing(job: Job, cast: Cast) -> None:
    item = fresh(make.takeover(job, cast.oki))
    quiet.silence(job=job, user=cast.ada.user, actor=cast.ada.actor)
    with pytest.raises(Conflict, match="cancelled"):
        let_through(item, cast.pia)
    assert (fresh(item).state, words_left()) == ("cancelled", 0)


def test_an_approval_after_the_end_of_the_job_sends_nothing(job: Job, cast: Cast) -> None:
    item = fresh(make.takeover(job, cast.oki))
    make.hear(job, JobSays.ENDED)
    with pytest.raises(Conflict):
        let_through(item, cast.pia)
    assert words_left() == 0


def test_it_holds_up_nobody_else(job: Job, cast: Cast) -> None:
    make.second_person(job.room, words=["审批"])
    make.takeover(job, cast.oki, text="这一句话要先经过审批才能说。")
    other = make.takeover(job, cast.oki)
    assert (fresh(other).state, words_left()) == ("waiting", 1)


def test_the_strip_counts_what_waits_for_a_second_person(job: Job, cast: Cast) -> None:
    make.takeover(job, cast.oki)
    assert (summary(cast.alpha.pk, 1).approval, summary(cast.omega.pk, 1).approval) == (1, 0)


def test_the_page_of_all_takeovers_has_them_first(job: Job, cast: Cast, sign_in: Any) -> None:
    item = make.takeover(job, cast.oki)
    for query in ("", "?show=approval"):
        page = sign_in(cast.pia).get(reverse("console:takeovers", args=["alpha"]) + query).content.decode()
        approval, rest = page.split('id="takeovers-unknown"')
        assert f'id="takeover-{item.pk}"' in approval.split('id="takeovers-approval"')[1]
        assert f'id="takeover-{item.pk}"' not in rest


# -------------------------------------------------------------------------------------------------------------- policy


def body(**changed: Any) -> dict[str, Any]:
    return {
        "version": "1",
        "modes": ["now"],
        "words": "最低价\n\n 最低价 \n国家级",
        "approver": "admin",
        "within_s": "60",
        **changed,
    }


def test_admins_choose_what_takes_a_second_person(job: Job, cast: Cast, sign_in: Any) -> None:
    url = reverse("takeover:second_person", args=["alpha", job.room.code])
    assert sign_in(cast.ada).post(url, body()).status_code == 302
    row = SecondPerson.objects.get(room=job.room)
    assert (row.modes, row.kinds, row.words, row.approver, row.within_s) == (
        ["now"],
        [],
        ["最低价", "国家级"],
        "admin",
        60,
    )
    page = sign_in(cast.pia).get(url).content.decode()
    assert "最低价" in page
    stale = sign_in(cast.ada).post(url, body(within_s="90"))
    assert stale.status_code == 422
    assert SecondPerson.objects.get(room=job.room).within_s == 60


def test_who_may_not_change_it_reads_a_form_without_a_dead_button(job: Job, cast: Cast, sign_in: Any) -> None:
    url = reverse("takeover:second_person", args=["alpha", job.room.code])
    save = f"Save for {job.room.code}"
    page = sign_in(cast.pia).get(url).content.decode()
    assert "Changing it takes the role Admin." in page
    assert save not in page
    assert page.count('<fieldset class="panel" disabled>') == 2
    page = sign_in(cast.ada).get(url).content.decode()
    assert save in page
    assert "disabled>" not in page[page.index("<form") :]


def test_a_microphone_is_not_offered_and_the_form_says_why(job: Job, cast: Cast, sign_in: Any) -> None:
    """Nobody can read beforehand what somebody will speak: a choice that did nothing would only look safe."""
    page = sign_in(cast.ada).get(reverse("takeover:second_person", args=["alpha", job.room.code])).content.decode()
    assert 'value="ssml"' in page
    assert 'value="voice"' not in page
    assert "microphone" in page


def test_rooms_that_chose_the_microphone_keep_their_other_choices(job: Job) -> None:
    """The upgrade takes away what never did anything; the rest counts as before."""
    other = make.room(job.account)
    SecondPerson.objects.filter(room=job.room).update(kinds=["voice", "text"])
    make.second_person(other, kinds=["audio"], words=["审批"])
    migration = import_module("dashboard.takeover.migrations.0006_no_approval_of_microphones")
    migration.leave_microphones_out(apps, None)
    migration.leave_microphones_out(apps, None)
    kept = SecondPerson.objects.in_bulk(field_name="room_id")
    assert (kept[job.room_id].kinds, kept[job.room_id].version) == (["text"], 1)
    assert (kept[other.pk].kinds, kept[other.pk].words) == (["audio"], ["审批"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"within_s": "4"},
        {"within_s": "301"},
        {"modes": ["later"]},
        {"kinds": ["voice"]},
        {"approver": "viewer"},
        {"version": ""},
        {"words": "x" * 61},
    ],
)
def test_a_policy_out_of_its_limits_is_refused(job: Job, cast: Cast, sign_in: Any, wrong: dict[str, Any]) -> None:
    url = reverse("takeover:second_person", args=["alpha", job.room.code])
    assert sign_in(cast.ada).post(url, body(**wrong)).status_code == 422
    assert SecondPerson.objects.get(room=job.room).kinds == ["text"]
