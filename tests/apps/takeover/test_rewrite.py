"""The script of a running job is rewritten: what is shown first, what is asked of whom, and what becomes of it."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.console.script_editor import editor
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.rewriting import Line
from dashboard.lib.errors import Invalid
from dashboard.live.relay.outcomes import steering
from dashboard.rooms.models import Room, ScriptItem
from dashboard.takeover.models import Takeover
from dashboard.takeover.rewriting import Edit, MovedOn, lines_of, proposal_of
from dashboard.takeover.services.rewrite import rewrite_script
from dashboard.vendors.models import Command, CommandState, VendorKind
from dashboard.vendors.port import Accepted, Rejected, Unknown
from tests import cast as make
from tests.apps.jobs.test_services import REFUSED
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db

SCRIPT = (
    "第一段已经说过了，谢谢大家的支持。",
    "第二段正在等着播出，请稍等一下。",
    "第三段还没有轮到，可以修改。",
    "第四段。",
)
NEW = "第三段换成了新的话，请大家听好。"


def running(cast: Cast, vendor: str = VendorKind.METASTUDIO, at: int | None = 1) -> Job:
    job = make.on_air(make.room(make.account(cast.alpha, vendor), paragraphs=SCRIPT), cast.oki)
    if vendor == VendorKind.METASTUDIO:
        Job.objects.filter(pk=job.pk).update(script_no=at)
    return fresh(job)


def fresh(job: Job) -> Job:
    return Job.objects.select_related("room", "account").get(pk=job.pk)


def play(job: Job, number: int) -> Takeover:
    return Takeover.objects.select_related("job__account", "job__room", "room").get(job=job, play_no=number)


def texts(job: Job) -> list[str]:
    return list(job.script.order_by("no").values_list("text", flat=True))


def edit_of(job: Job, change: dict[int, str], **more: Any) -> Edit:
    lines = lines_of(job)
    return Edit(
        tuple(Line(one.id, 1, "", change.get(no, one.text)) for no, one in enumerate(lines, 1)),
        version=job.script_version,
        **more,
    )


def rewritten(job: Job, who: Person, change: dict[int, str], **more: Any) -> JobChange:
    edit = edit_of(job, change, **more)
    seen = proposal_of(job, edit)[0].digest
    return rewrite_script(job=job, edit=edit, seen=seen, user=who.user, actor=who.actor)


def command_of(change: JobChange) -> Command:
    command = Command.objects.get(subject=change.subject)
    Command.objects.filter(pk=command.pk).update(state=CommandState.SENDING, attempts=1)
    command.refresh_from_db()
    return command


def test_the_vendor_is_asked_and_the_script_is_what_it_was_until_it_says_yes(cast: Cast) -> None:
    job = running(cast)
    change = rewritten(job, cast.pia, {3: NEW})
    assert (change.state, texts(job)) == ("asked", list(SCRIPT))
    steering.changed(job, command_of(change), change, Accepted(None, "r-1"))
    change.refresh_from_db()
    assert (change.state, texts(job)[2], fresh(job).script_version) == ("accepted", NEW, 2)
    kinds = list(Event.objects.filter(kind__startswith="job.change").values_list("kind", flat=True))
    assert kinds == ["job.change_asked", "job.changed"]
    line = AuditEntry.objects.get(action="rewrite_script")
    assert (line.before["script"][2], line.after["script"][2]) == (SCRIPT[2], NEW)
    assert [item.text for item in ScriptItem.objects.filter(scene__room=job.room)] == list(SCRIPT)


def test_our_player_reads_the_new_script_at_once(cast: Cast) -> None:
    job = running(cast, VendorKind.SOFTSUGAR)
    item = play(job, 1)
    change = rewritten(job, cast.pia, {3: NEW})
    assert (change.state, texts(job)[2]) == ("accepted", NEW)
    assert not Command.objects.filter(subject=change.subject).exists()
    assert Takeover.objects.get(pk=item.pk).text == item.text


def plays_once(job: Job) -> Job:
    Room.objects.filter(pk=job.room_id).update(repeat_script=False)
    return fresh(job)


def test_what_waits_at_the_vendor_is_said_as_it_is_and_named(cast: Cast) -> None:
    job = running(cast, VendorKind.SOFTSUGAR)
    make.happened(play(job, 1), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    job = plays_once(job)
    proposal, locked = proposal_of(job, edit_of(job, {2: NEW}))
    assert (locked.through, locked.waiting, proposal.too_late, proposal.changes) == (2, (2,), (2,), False)


def test_in_a_loop_what_waits_is_said_once_more_as_it_is_and_then_with_its_new_words(cast: Cast) -> None:
    job = running(cast, VendorKind.SOFTSUGAR)
    make.happened(play(job, 1), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    proposal, locked = proposal_of(fresh(job), edit_of(job, {1: NEW, 2: NEW}))
    assert (locked.playing, locked.waiting, proposal.too_late) == ((1,), (2,), (1,))
    assert [row.kind for row in proposal.again] == ["kept", "changed"]
    rewritten(fresh(job), cast.pia, {2: NEW})
    assert play(job, 2).text == SCRIPT[1]
    assert texts(job)[1] == NEW


@pytest.mark.parametrize("vendor", VendorKind)
def test_a_wrong_price_that_was_spoken_in_this_loop_is_mended_for_the_next(cast: Cast, vendor: str) -> None:
    job = running(cast, vendor, at=3)
    if vendor == VendorKind.SOFTSUGAR:
        for number in (1, 2, 3):
            make.happened(play(job, number), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
            if number < 3:
                make.happened(play(job, number), Kind.ITEM_FINISHED)
    open_lines = [line.number for line in editor(fresh(job)).lines if not line.is_locked]
    # The fourth is too short for SoftSugar to stand alone, so it is spoken with the third.
    assert open_lines == ([1, 2] if vendor == VendorKind.SOFTSUGAR else [1, 2, 4])
    change = rewritten(fresh(job), cast.pia, {1: NEW})
    assert change.payload["lines"][0]["text"] == NEW
    line = AuditEntry.objects.get(action="rewrite_script")
    assert (line.before["script"][0], line.after["script"][0]) == (SCRIPT[0], NEW)


def test_a_loop_of_one_paragraph_can_be_mended_where_we_play_it(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha, VendorKind.SOFTSUGAR), paragraphs=SCRIPT[:1]), cast.oki)
    make.happened(play(job, 1), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    rewritten(fresh(job), cast.pia, {1: NEW})
    make.happened(play(job, 1), Kind.ITEM_FINISHED)
    make.happened(play(job, 2), Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    assert [play(job, number).text for number in (1, 2, 3)] == [SCRIPT[0], SCRIPT[0], NEW]


def test_a_script_that_plays_once_keeps_what_was_spoken(cast: Cast) -> None:
    job = plays_once(running(cast, at=3))
    assert [line.number for line in editor(job).lines if not line.is_locked] == [4]
    proposal, _locked = proposal_of(job, edit_of(job, {1: NEW}))
    assert (proposal.too_late, proposal.changes) == ((1,), False)


def test_a_refusal_leaves_the_script_as_it_is_and_says_why(cast: Cast) -> None:
    job = running(cast)
    change = rewritten(job, cast.pia, {3: NEW})
    steering.changed(job, command_of(change), change, Rejected(REFUSED))
    change.refresh_from_db()
    assert (change.state, change.error["code"], texts(job)) == ("refused", "97", list(SCRIPT))


def test_a_change_without_an_answer_is_not_sent_again_but_asked_about(cast: Cast) -> None:
    job = running(cast)
    change = rewritten(job, cast.pia, {3: NEW})
    steering.changed(job, command_of(change), change, Unknown("timeout"))
    change.refresh_from_db()
    assert (change.state, texts(job)) == ("unknown", list(SCRIPT))
    left = Command.objects.filter(job_id=job.pk, state=CommandState.READY).values_list("kind", flat=True)
    assert "rewrite_script" not in left
    assert "record" in left


def test_what_began_between_looking_and_saving_is_shown_first(cast: Cast) -> None:
    job = running(cast)
    edit = edit_of(job, {2: NEW, 3: NEW})
    seen = proposal_of(job, edit)[0].digest
    Job.objects.filter(pk=job.pk).update(script_no=2)
    with pytest.raises(MovedOn) as told:
        rewrite_script(job=job, edit=edit, seen=seen, user=cast.pia.user, actor=cast.pia.actor)
    assert told.value.proposal.too_late == (2,)
    assert not JobChange.objects.exists()
    # What is shown now can be put on air.
    seen = told.value.proposal.digest
    change = rewrite_script(job=job, edit=edit, seen=seen, user=cast.pia.user, actor=cast.pia.actor)
    assert [line["text"] for line in change.payload["lines"]] == [*SCRIPT[:2], NEW, SCRIPT[3]]


def test_an_editor_that_is_out_of_date_changes_nothing(cast: Cast) -> None:
    job = running(cast, VendorKind.SOFTSUGAR)
    old = edit_of(job, {4: NEW})
    rewritten(job, cast.pia, {3: NEW})
    with pytest.raises(Exception, match="Somebody changed the running script"):
        proposal_of(fresh(job), old)
    assert JobChange.objects.count() == 1


def test_the_room_keeps_its_script_unless_asked(cast: Cast) -> None:
    job = running(cast, VendorKind.SOFTSUGAR)
    rewritten(job, cast.pia, {3: NEW}, saves_room=True)
    assert [item.text for item in ScriptItem.objects.filter(scene__room=job.room).order_by("no")][2] == NEW
    assert fresh(job).room.version == 2


def body(job: Job, change: dict[int, str]) -> dict[str, Any]:
    lines = lines_of(job)
    return {
        "version": job.script_version,
        "line": [line.id for line in lines],
        "scene": [line.scene_no for line in lines],
        "title": [line.title for line in lines],
        "text": [change.get(no, line.text) for no, line in enumerate(lines, 1)],
    }


def post(who: Person, job: Job, name: str, data: dict[str, Any], **headers: Any) -> HttpResponse:
    client = Client()
    client.force_login(who.user)
    url = reverse(f"takeover:{name}", args=["alpha", job.room.code])
    return client.post(url, data, headers={"HX-Request": "true", **headers})


def test_the_difference_is_shown_before_a_second_press_sends_it(cast: Cast) -> None:
    job = running(cast)
    shown = post(cast.pia, job, "script_difference", body(job, {3: NEW}))
    assert shown.status_code == 200
    assert NEW in shown.content.decode()
    seen = proposal_of(job, edit_of(job, {3: NEW}))[0].digest
    data = {**body(job, {3: NEW}), "seen": seen}
    once = post(cast.pia, job, "rewrite_script", data)
    assert (once.status_code, JobChange.objects.count()) == (428, 0)
    twice = post(cast.pia, job, "rewrite_script", data, **{"X-Confirmed": "1"})
    assert (twice.status_code, JobChange.objects.count()) == (204, 1)


def test_a_press_on_an_outdated_difference_gets_the_new_one(cast: Cast) -> None:
    job = running(cast)
    answer = post(cast.pia, job, "rewrite_script", {**body(job, {3: NEW}), "seen": "x"}, **{"X-Confirmed": "1"})
    assert answer.status_code == 409
    assert "The script moved on while you looked" in answer.content.decode()
    assert not JobChange.objects.exists()


@pytest.mark.parametrize("spoil", [{"line": ["1"]}, {"scene": ["x", "1", "1", "1"]}, {"version": ""}])
def test_what_can_not_be_read_is_refused(cast: Cast, spoil: dict[str, Any]) -> None:
    job = running(cast)
    answer = post(cast.pia, job, "script_difference", {**body(job, {}), **spoil})
    assert answer.status_code == 422


def test_an_operator_may_not_rewrite(cast: Cast) -> None:
    job = running(cast)
    assert post(cast.oki, job, "script_difference", body(job, {3: NEW})).status_code == 403


def test_more_paragraphs_than_a_script_has_are_not_even_compared(cast: Cast) -> None:
    job = running(cast)
    lines = tuple(Line(None, 1, "", word) for word in ("一段。", "另一段。", "第三段。") * 600)
    began = perf_counter()
    with pytest.raises(Invalid, match="At most 500 paragraphs; these are 1800"):
        proposal_of(job, Edit((*lines_of(job), *lines)[:1800], version=1))
    assert perf_counter() - began < 0.1
