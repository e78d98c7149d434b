"""What operators do with takeovers: refusals before anything is asked of a vendor, one row per key, cancel, silence."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.events.record import lock_topic, record_many
from dashboard.jobs.models import Job
from dashboard.jobs.services.stop import stop_job
from dashboard.lib.clock import ManualClock
from dashboard.lib.errors import Conflict, Invalid
from dashboard.live.intake.accept import PROJECTIONS
from dashboard.takeover import release
from dashboard.takeover.facts import item_fact
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import ask, quiet, settle
from dashboard.takeover.states import Mode
from dashboard.vendors import outbox
from dashboard.vendors.models import Command, CommandState, Rank, VendorKind
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import WORDS, Cast

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("vendor", VendorKind)
MORE = "再说一句别的话，让大家都听清楚。"


def on_air(cast: Cast, vendor: str = VendorKind.SOFTSUGAR, **capabilities: object) -> Job:
    job = make.on_air(make.room(make.account(cast.alpha, vendor, **capabilities)), cast.oki)
    Command.objects.filter(job_id=job.pk, kind="create").update(state=CommandState.ACCEPTED)
    return job


@pytest.fixture
def softsugar(cast: Cast, manual_clock: ManualClock) -> Job:
    return on_air(cast)


@pytest.fixture
def metastudio(cast: Cast, manual_clock: ManualClock) -> Job:
    return on_air(cast, VendorKind.METASTUDIO)


def say(job: Job, cast: Cast, text: str = WORDS, *, mode: Mode = Mode.APPEND, key: str = "") -> Takeover:
    return make.takeover(job, cast.oki, text=text, mode=mode, key=key)


def by(cast: Cast) -> dict[str, Any]:
    return {"user": cast.oki.user, "actor": cast.oki.actor}


def commands(job: Job, *kinds: str) -> list[tuple[str, str]]:
    found = Command.objects.filter(job_id=job.pk, kind__in=kinds or ("say", "clip", "cancel", "pause", "resume"))
    return list(found.order_by("id").values_list("kind", "state"))


def command_of(item: Takeover) -> Command:
    return Command.objects.get(trace_id=item.trace_id)


def people(job: Job) -> list[Takeover]:
    return list(Takeover.objects.filter(job=job).exclude(source="script").order_by("id"))


def leaves(item: Takeover) -> Takeover:
    """The relay claimed it and wrote the bytes."""
    Command.objects.filter(trace_id=item.trace_id).update(state=CommandState.SENDING, claimed_at=item.requested_at)
    return make.happened(item, Kind.ITEM_SENDING)


def evidence() -> tuple[int, int, int]:
    """What a refusal must not add to: takeovers, commands, events."""
    return Takeover.objects.count(), Command.objects.count(), Event.objects.count()


# ------------------------------------------------------------------------------------------------------- limits of text


@pytest.mark.parametrize(
    ("vendor", "text", "limit"),
    [
        (VendorKind.SOFTSUGAR, "一二三四五六七八九", "10"),
        (VendorKind.SOFTSUGAR, "  一二三四五六七八九  ", "10"),
        (VendorKind.SOFTSUGAR, "字" * 5001, "5000"),
        (VendorKind.METASTUDIO, "字" * 131_073, "131072"),
        (VendorKind.SOFTSUGAR, " \r\n ", ""),
        (VendorKind.METASTUDIO, "", ""),
    ],
)
def test_text_that_breaks_a_limit_is_refused_before_any_row(
    cast: Cast, manual_clock: ManualClock, vendor: str, text: str, limit: str
) -> None:
    job = on_air(cast, vendor)
    before = evidence()
    with pytest.raises(Invalid) as refused:
        say(job, cast, text)
    assert refused.value.field == "text"
    assert limit in refused.value.message
    assert evidence() == before


@pytest.mark.parametrize(
    ("vendor", "text"),
    [
        (VendorKind.SOFTSUGAR, "一二三四五六七八九十"),
        (VendorKind.SOFTSUGAR, "字" * 5000),
        (VendorKind.METASTUDIO, "好"),
    ],
)
def test_text_at_a_limit_is_taken(cast: Cast, vendor: str, text: str) -> None:
    item = say(on_air(cast, vendor), cast, f"  {text}\r\n")
    assert (item.text, item.state) == (text, "waiting")


def post(client: Any, job: Job, *, htmx: bool = True, **fields: str) -> HttpResponse:
    data = {"text": WORDS, "mode": "append", "key": uuid.uuid4().hex, **fields}
    headers = {"HX-Request": "true", "Idempotency-Key": data["key"]} if htmx else {}
    answer: HttpResponse = client.post(reverse("takeover:create", args=["alpha", job.room.code]), data, headers=headers)
    return answer


def test_the_view_refuses_beside_the_field_and_keeps_the_draft(softsugar: Job, cast: Cast, sign_in: Any) -> None:
    before = evidence()
    answer = post(sign_in(cast.oki), softsugar, text="太短了。")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "10" in text
    assert "4" in text
    # Beside the field, not as a toast; and the draft is not declared done.
    assert not answer.has_header("X-Toast")
    assert not answer.has_header("X-Draft-Done")
    assert evidence() == before


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"text": ""}, 422), ({"mode": "shout"}, 422), ({"key": ""}, 422), ({"key": "k" * 65}, 422)],
)
def test_the_view_refuses_what_is_no_takeover(
    softsugar: Job, cast: Cast, sign_in: Any, fields: dict[str, str], status: int
) -> None:
    before = evidence()
    assert post(sign_in(cast.oki), softsugar, **fields).status_code == status
    assert evidence() == before


def test_a_refusal_says_its_words_as_text(softsugar: Job, cast: Cast, sign_in: Any) -> None:
    answer = post(sign_in(cast.oki), softsugar, mode="<script>alert(1)</script>")
    assert answer.status_code == 422
    assert b"<script>" not in answer.content


def test_the_view_answers_a_taken_draft(softsugar: Job, cast: Cast, sign_in: Any) -> None:
    answer = post(sign_in(cast.oki), softsugar, key="draft-1")
    assert (answer.status_code, answer["X-Draft-Done"]) == (204, "draft-1")
    item = Takeover.objects.get(key="draft-1")
    assert (item.text, item.mode, item.author_id, item.state) == (WORDS, "append", cast.oki.user.pk, "waiting")


def test_without_a_running_job_the_words_are_kept(cast: Cast, sign_in: Any) -> None:
    room = make.room(make.account(cast.alpha))
    data = {"text": WORDS, "mode": "append", "key": "k"}
    address = reverse("takeover:create", args=["alpha", room.code])
    answer = sign_in(cast.oki).post(address, data, headers={"HX-Request": "true", "Idempotency-Key": "k"})
    assert answer.status_code == 409
    assert room.code in answer.content.decode()
    assert Takeover.objects.count() == 0


@pytest.mark.parametrize("says", [JobSays.ENDED, JobSays.FAILED])
def test_a_job_that_ended_meanwhile_takes_no_words(softsugar: Job, cast: Cast, says: JobSays) -> None:
    make.hear(softsugar, says)
    before = evidence()
    with pytest.raises(Conflict) as refused:
        say(softsugar, cast)
    assert refused.value.field == "text"
    assert evidence() == before


# ---------------------------------------------------------------------------------------------------------------- asked


@BOTH
def test_a_request_is_a_row_a_command_a_fact_and_an_audit_entry(
    cast: Cast, manual_clock: ManualClock, vendor: VendorKind
) -> None:
    job = on_air(cast, vendor)
    item = say(job, cast)
    command = command_of(item)
    assert (command.kind, command.lane, command.state, command.rank) == ("say", f"job:{job.pk}:speak", "ready", 3)
    assert command.subject == f"takeover:{item.pk}"
    fact = Event.objects.get(kind=Kind.ITEM_REQUESTED, job_id=job.pk)
    assert (fact.source, fact.actor_id) == ("operator", cast.oki.user.pk)
    entry = AuditEntry.objects.get(action="take_over")
    assert (entry.actor_id, entry.role, entry.room_id, entry.after) == (
        cast.oki.user.pk,
        "operator",
        job.room_id,
        {"text": WORDS, "mode": "append"},
    )


def test_now_goes_before_all_that_a_person_said(softsugar: Job, cast: Cast) -> None:
    say(softsugar, cast)
    now = say(softsugar, cast, MORE, mode=Mode.NOW)
    assert now.rank == Rank.PERSON_NOW
    assert outbox.due(lanes=[outbox.speak_lane(softsugar.pk)]).exclude(subject="").first() == command_of(now)


def test_numbers_rise_in_a_room(softsugar: Job, cast: Cast) -> None:
    first, second = say(softsugar, cast), say(softsugar, cast, MORE)
    assert second.number == first.number + 1
    assert second.place > first.place
    inserted = say(softsugar, cast, "插到前面来说的一句话，谢谢。", mode=Mode.INSERT)
    assert inserted.place < first.place


# ----------------------------------------------------------------------------------------------------------------- keys


@BOTH
def test_one_key_and_content_is_one_row(cast: Cast, manual_clock: ManualClock, vendor: VendorKind) -> None:
    job = on_air(cast, vendor)
    first = say(job, cast, key="draft")
    before = evidence()
    assert say(job, cast, f" {WORDS}\n", key="draft").pk == first.pk
    assert evidence() == before
    make.hear(job, JobSays.ENDED)
    assert say(job, cast, key="draft").pk == first.pk  # a late repeat still learns what became of it


@pytest.mark.parametrize("other", [{"text": MORE}, {"mode": Mode.NOW}])
def test_one_key_with_other_content_is_a_conflict(softsugar: Job, cast: Cast, other: dict[str, Any]) -> None:
    say(softsugar, cast, key="draft")
    before = evidence()
    with pytest.raises(Conflict):
        say(softsugar, cast, key="draft", **other)
    assert evidence() == before


def test_a_key_of_another_room_is_a_conflict_and_not_silence(softsugar: Job, cast: Cast) -> None:
    """Words for one room must not be swallowed because another room heard the same."""
    say(softsugar, cast, key="draft")
    other = on_air(cast)
    with pytest.raises(Conflict):
        say(other, cast, key="draft")
    assert people(other) == []


def test_teams_do_not_share_keys(softsugar: Job, cast: Cast) -> None:
    say(softsugar, cast, key="draft")
    theirs = make.on_air(make.room(make.account(cast.omega)), cast.zoe)
    assert make.takeover(theirs, cast.zoe, key="draft").team == cast.omega


# --------------------------------------------------------------------------------------------------------------- cancel


@BOTH
def test_what_has_not_left_is_taken_back_at_once(cast: Cast, manual_clock: ManualClock, vendor: VendorKind) -> None:
    job = on_air(cast, vendor)
    item = settle.cancel_takeover(item=say(job, cast), **by(cast))
    assert (item.state, command_of(item).state) == ("cancelled", "withdrawn")
    assert ("cancel", "ready") not in commands(job)
    assert AuditEntry.objects.filter(action="cancel_takeover").count() == 1


def test_what_softsugar_holds_is_cancelled_there(softsugar: Job, cast: Cast) -> None:
    item = make.happened(leaves(say(softsugar, cast)), Kind.ITEM_QUEUED)
    item = settle.cancel_takeover(item=item, **by(cast))
    assert item.cancel_requested_at is not None
    assert item.state == "queued"  # a wish is no evidence
    command = Command.objects.get(kind="cancel")
    assert (command.lane, command.rank, command.body) == (f"job:{softsugar.pk}:stop", 0, {"items": [item.pk]})
    settle.cancel_takeover(item=item, **by(cast))
    assert Command.objects.filter(kind="cancel").count() == 1


def test_cancelling_is_a_standing_wish(softsugar: Job, cast: Cast) -> None:
    item = settle.cancel_takeover(item=leaves(say(softsugar, cast)), **by(cast))
    Command.objects.filter(kind="cancel").update(state=CommandState.ACCEPTED)
    make.happened(item, Kind.ITEM_QUEUED)
    assert Command.objects.filter(kind="cancel", state="ready").count() == 1
    make.happened(item, Kind.ITEM_STARTED)
    assert Command.objects.filter(kind="cancel", state="ready").count() == 2
    assert make.happened(item, Kind.ITEM_CANCELLED, Kind.ITEM_FINISHED).state == "cancelled"


def test_a_late_notice_of_what_is_over_cancels_nothing_more(softsugar: Job, cast: Cast) -> None:
    item = settle.cancel_takeover(item=leaves(say(softsugar, cast)), **by(cast))
    Command.objects.filter(kind="cancel").update(state=CommandState.ACCEPTED)
    make.happened(item, Kind.ITEM_FINISHED, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    assert not Command.objects.filter(kind="cancel", state="ready").exists()


def test_what_metastudio_holds_cannot_be_taken_back_and_says_so(metastudio: Job, cast: Cast) -> None:
    item = leaves(say(metastudio, cast))
    before = evidence()
    with pytest.raises(Conflict) as refused:
        settle.cancel_takeover(item=item, **by(cast))
    assert "MetaStudio" in refused.value.message
    assert evidence() == before
    assert make.happened(item).cancel_requested_at is None


def test_what_metastudio_does_not_hold_yet_moves_up_when_one_is_taken_back(metastudio: Job, cast: Cast) -> None:
    first, second = say(metastudio, cast), say(metastudio, cast, MORE)
    assert Command.objects.filter(trace_id=second.trace_id).count() == 0  # held back: at most one unstarted is there
    settle.cancel_takeover(item=first, **by(cast))
    assert command_of(second).state == "ready"


@BOTH
def test_words_of_a_job_that_is_being_stopped_can_be_taken_back(
    cast: Cast, manual_clock: ManualClock, vendor: VendorKind
) -> None:
    """The stop withdrew their command; nothing is at the vendor."""
    job = on_air(cast, vendor)
    item = say(job, cast)
    stop_job(job=job, reason="enough", **by(cast))
    assert command_of(item).state == "withdrawn"
    assert settle.cancel_takeover(item=item, **by(cast)).state == "cancelled"
    assert ("cancel", "ready") not in commands(job)


@pytest.mark.parametrize("end", [Kind.ITEM_FINISHED, Kind.ITEM_FAILED, Kind.ITEM_CANCELLED])
def test_what_is_over_stays_as_it_is(softsugar: Job, cast: Cast, end: Kind) -> None:
    item = make.happened(leaves(say(softsugar, cast)), end)
    before = evidence()
    assert settle.cancel_takeover(item=item, **by(cast)).state == item.state
    assert evidence() == before


def test_what_the_vendor_moved_as_cancel_was_pressed_is_cancelled(softsugar: Job, cast: Cast) -> None:
    item = leaves(say(softsugar, cast))
    shown = make.happened(item, Kind.ITEM_QUEUED)
    make.happened(item, Kind.ITEM_STARTED)
    settle.cancel_takeover(item=make.happened(item), version=shown.version, **by(cast))
    assert make.happened(item).cancel_requested_at is not None
    assert commands(softsugar, "cancel") == [("cancel", "ready")]


def test_what_leaves_as_cancel_is_pressed_is_cancelled_at_the_vendor(softsugar: Job, cast: Cast) -> None:
    shown = say(softsugar, cast)
    settle.cancel_takeover(item=leaves(shown), version=shown.version, **by(cast))
    assert commands(softsugar, "cancel") == [("cancel", "ready")]


def test_what_somebody_decided_about_meanwhile_is_not_cancelled(softsugar: Job, cast: Cast) -> None:
    shown = leaves(say(softsugar, cast))
    doubtful = make.happened(shown, Kind.ITEM_UNSURE)
    ended = make.happened(say(softsugar, cast, MORE), Kind.ITEM_SENDING)
    ask.send_again(item=doubtful, key="again", **by(cast))
    make.happened(ended, Kind.ITEM_FINISHED)
    before = evidence()
    for item in (shown, ended):
        with pytest.raises(Conflict) as refused:
            settle.cancel_takeover(item=make.happened(item), version=item.version, **by(cast))
        assert "changed meanwhile" in refused.value.message
    assert evidence() == before
    settle.cancel_takeover(item=doubtful, version=doubtful.version, **by(cast))  # its page shows what it is
    assert make.happened(shown).cancel_requested_at is not None


def test_each_new_state_and_each_decision_of_a_person_is_a_new_version(softsugar: Job, cast: Cast) -> None:
    item = say(softsugar, cast)
    steps = (Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_QUEUED)
    assert (item.version, [make.happened(item, kind).version for kind in steps]) == (1, [2, 3, 4])
    assert settle.cancel_takeover(item=item, **by(cast)).version == 5  # still queued, but wished away
    assert make.happened(item, Kind.ITEM_ACCEPTED).version == 5  # told twice: nothing new


def test_the_end_of_the_job_is_a_new_version_of_what_it_ends(softsugar: Job, cast: Cast) -> None:
    waiting = say(softsugar, cast)
    make.hear(softsugar, JobSays.ENDED)
    assert make.happened(waiting).version == 2


def test_cancelled_in_one_tab_is_not_marked_in_another(softsugar: Job, cast: Cast) -> None:
    item = make.unknown(softsugar, cast.oki)
    settle.cancel_takeover(item=make.happened(item), version=item.version, **by(cast))
    before = evidence()
    with pytest.raises(Conflict) as refused:
        settle.mark_spoken(item=make.happened(item), version=item.version, **by(cast))
    assert "changed meanwhile" in refused.value.message
    assert evidence() == before
    assert make.happened(item).marked_spoken_at is None


def test_marked_in_one_tab_is_not_cancelled_or_asked_about_in_another(softsugar: Job, cast: Cast) -> None:
    item = make.unknown(softsugar, cast.oki)
    settle.mark_spoken(item=make.happened(item), version=item.version, **by(cast))
    before = evidence()
    for decide in (settle.cancel_takeover, settle.check_again):
        with pytest.raises(Conflict) as refused:
            decide(item=make.happened(item), version=item.version, **by(cast))
        assert "changed meanwhile" in refused.value.message
    with pytest.raises(Conflict):
        ask.send_again(item=make.happened(item), key="again", version=item.version, **by(cast))
    assert evidence() == before


def test_the_same_press_twice_is_no_conflict(softsugar: Job, cast: Cast) -> None:
    """The page sends the version that it shows, and the second press of a button leaves before the page knows more."""
    unknown, waiting = make.unknown(softsugar, cast.oki), say(softsugar, cast)
    for _ in range(2):
        assert settle.mark_spoken(item=unknown, version=unknown.version, **by(cast)).state == "done"
        settle.cancel_takeover(item=make.happened(waiting), version=waiting.version, **by(cast))
    assert make.happened(waiting).state == "cancelled"
    assert AuditEntry.objects.filter(action__in=("mark_spoken", "cancel_takeover")).count() == 2


def test_a_page_that_shows_an_older_item_is_answered_with_the_refusal(
    client: Client, softsugar: Job, cast: Cast
) -> None:
    client.force_login(cast.oki.user)
    item = make.unknown(softsugar, cast.oki)
    make.happened(item, Kind.ITEM_FINISHED)
    before = evidence()
    for name in ("cancel", "mark_spoken", "check", "again"):
        url = reverse(f"takeover:{name}", args=[cast.alpha.slug, item.pk])
        sent = {"version": item.version, "key": "k", "confirmed": "1"}
        answer = client.post(url, sent, headers={"hx-request": "true"})
        assert answer.status_code == 409, name
        assert "It is done now" in answer.content.decode(), name
    assert evidence() == before


# -------------------------------------------------------------------------------------------------------------- unknown


def test_only_an_unknown_item_is_settled_by_a_person(softsugar: Job, cast: Cast) -> None:
    waiting = say(softsugar, cast)
    assert settle.mark_spoken(item=waiting, **by(cast)).state == "waiting"
    with pytest.raises(Conflict):
        ask.send_again(item=waiting, key="again", **by(cast))
    settle.check_again(item=waiting, **by(cast))
    assert not Command.objects.filter(kind="check").exists()
    assert not AuditEntry.objects.filter(action__in=("mark_spoken", "check_again")).exists()


def test_marked_as_spoken_is_done_and_says_by_whom(softsugar: Job, cast: Cast) -> None:
    item = settle.mark_spoken(item=make.unknown(softsugar, cast.oki), **by(cast))
    assert (item.state, item.marked_by_id) == ("done", cast.oki.user.pk)
    assert AuditEntry.objects.get(action="mark_spoken").target_id == item.pk
    assert make.happened(item, Kind.ITEM_FAILED).state == "done"


def test_checking_again_asks_the_vendor_and_settles_nothing(softsugar: Job, cast: Cast) -> None:
    item = settle.check_again(item=make.unknown(softsugar, cast.oki), **by(cast))
    command = Command.objects.get(kind="check")
    assert (command.lane, command.subject) == (f"job:{softsugar.pk}:check", f"takeover:{item.pk}")
    assert item.state == "unknown"


def test_sent_again_is_a_new_item_once_per_key(softsugar: Job, cast: Cast) -> None:
    item = make.unknown(softsugar, cast.oki)
    again = ask.send_again(item=item, key="again", **by(cast))
    assert ask.send_again(item=item, key="again", **by(cast)).pk == again.pk
    with pytest.raises(Conflict):  # a second operator, or the same one later: once more is not twice more
        ask.send_again(item=item, key="another", **by(cast))
    assert Takeover.objects.filter(again_of=item).count() == 1
    assert (again.text, again.mode, again.again_of_id) == (item.text, item.mode, item.pk)
    assert again.trace_id != item.trace_id
    assert make.happened(item).state == "unknown"
    assert Command.objects.filter(trace_id=again.trace_id).count() == 1


@pytest.mark.parametrize("end", [Kind.ITEM_FINISHED, Kind.ITEM_MARKED_SPOKEN])
def test_the_same_press_is_told_what_was_sent_although_the_item_settled(softsugar: Job, cast: Cast, end: Kind) -> None:
    item = make.unknown(softsugar, cast.oki)
    again = ask.send_again(item=item, key="again", version=item.version, **by(cast))
    make.happened(item, end)
    before = evidence()
    assert ask.send_again(item=make.happened(item), key="again", version=item.version, **by(cast)).pk == again.pk
    with pytest.raises(Conflict):
        ask.send_again(item=make.happened(item), key="another", version=item.version, **by(cast))
    assert evidence() == before


@pytest.mark.parametrize("state", [CommandState.READY, CommandState.SENDING])
def test_checking_again_twice_asks_once(softsugar: Job, cast: Cast, state: str) -> None:
    item, other = make.unknown(softsugar, cast.oki), make.unknown(softsugar, cast.oki)
    settle.check_again(item=item, version=item.version, **by(cast))
    Command.objects.filter(kind="check").update(state=state)
    settle.check_again(item=item, version=item.version, **by(cast))
    assert Command.objects.filter(kind="check").count() == 1
    assert AuditEntry.objects.filter(action="check_again").count() == 1
    settle.check_again(item=other, version=other.version, **by(cast))
    Command.objects.filter(kind="check").update(state=CommandState.ACCEPTED)
    settle.check_again(item=item, version=item.version, **by(cast))
    assert Command.objects.filter(kind="check").count() == 3


# -------------------------------------------------------------------------------------------------------------- silence


def script_of(job: Job) -> list[Takeover]:
    return list(Takeover.objects.filter(job=job, source="script").order_by("id"))


def test_silence_on_softsugar_takes_back_cancels_all_and_holds_the_script(softsugar: Job, cast: Cast) -> None:
    playing = make.happened(leaves(script_of(softsugar)[0]), Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    Command.objects.filter(trace_id=playing.trace_id).update(state=CommandState.ACCEPTED)
    at_vendor, waiting = leaves(say(softsugar, cast)), say(softsugar, cast, MORE)
    assert quiet.silence(job=softsugar, **by(cast)) == 2
    assert quiet.silence(job=softsugar, **by(cast)) is None, "the second press of one hand"
    job = Job.objects.get(pk=softsugar.pk)
    assert job.script_held
    assert job.silenced_at is not None
    assert [item.state for item in people(job)] == ["sending", "cancelled"]
    assert make.happened(at_vendor).cancel_requested_at is not None
    assert command_of(waiting).state == "withdrawn"
    assert Command.objects.get(kind="cancel").body == {"all": True}
    # Nothing of ours may leave any more, nor was a new paragraph made while the old ones were taken back.
    assert not Command.objects.filter(job_id=job.pk, kind="say", state="ready").exists()
    assert [item.state for item in script_of(job) if item.pk != playing.pk] == ["cancelled"]
    assert AuditEntry.objects.filter(action="silence").count() == 1


@pytest.mark.parametrize(
    ("channel", "asked"), [(True, ("pause", "ready")), (False, ("clip", "ready"))], ids=["pause", "clip"]
)
def test_silence_on_metastudio_lets_nothing_of_ours_out(
    cast: Cast, manual_clock: ManualClock, channel: bool, asked: tuple[str, str]
) -> None:
    """Taking back the released item frees its slot; the next one must not slip through it."""
    job = on_air(cast, VendorKind.METASTUDIO, command_channel=channel)
    items = [say(job, cast), say(job, cast, MORE), say(job, cast, "第三句也在等，静音以后都不能说出来。")]
    quiet.silence(job=job, **by(cast))
    assert [make.happened(item).state for item in items] == ["cancelled"] * 3
    assert [pair for pair in commands(job) if pair[1] == "ready"] == [asked]
    clip = Command.objects.filter(kind="clip").first()
    assert clip is None or clip.body == {"silent": True}


def test_a_new_start_is_not_withdrawn_by_silence(cast: Cast, manual_clock: ManualClock) -> None:
    """`go_live` shares the speak lane; silence is about words."""
    job = make.job(make.room(make.account(cast.alpha)), cast.oki)
    Job.objects.filter(pk=job.pk).update(vendor_ref="s-1")
    job = make.hear(job, JobSays.READY)
    quiet.silence(job=job, **by(cast))
    assert list(Command.objects.filter(kind="go_live").values_list("state", flat=True)) == ["ready"]


def test_after_silence_the_script_waits_for_a_person(softsugar: Job, cast: Cast) -> None:
    quiet.silence(job=softsugar, **by(cast))
    count = len(script_of(softsugar))
    make.hear(softsugar, JobSays.LIVE)
    assert len(script_of(softsugar)) == count
    job = quiet.resume(job=softsugar, **by(cast))
    assert (job.script_held, job.silenced_at) == (False, None)
    assert len(script_of(softsugar)) == count + 1
    assert AuditEntry.objects.filter(action="resume").count() == 1


def test_resuming_what_is_not_held_changes_nothing(softsugar: Job, cast: Cast) -> None:
    before = evidence()
    quiet.resume(job=softsugar, **by(cast))
    assert evidence() == before


def test_metastudio_resumes_over_its_channel(metastudio: Job, cast: Cast) -> None:
    quiet.silence(job=metastudio, **by(cast))
    quiet.resume(job=metastudio, **by(cast))
    # A pause that had not left yet must not arrive after the resume.
    assert commands(metastudio, "pause", "resume") == [("pause", "withdrawn"), ("resume", "ready")]


def test_silence_needs_a_room_on_air(cast: Cast) -> None:
    job = make.job(make.room(make.account(cast.alpha)), cast.oki)
    before = evidence()
    with pytest.raises(Conflict):
        quiet.silence(job=job, **by(cast))
    assert evidence() == before


# ------------------------------------------------------------------------------------------------------------ hold-back


def test_metastudio_gets_the_next_when_the_one_before_has_begun(metastudio: Job, cast: Cast) -> None:
    first, second, third = say(metastudio, cast), say(metastudio, cast, MORE), say(metastudio, cast, MORE + "完。")
    make.happened(leaves(first), Kind.ITEM_ACCEPTED)
    assert not Command.objects.filter(trace_id=second.trace_id).exists()
    make.happened(first, Kind.ITEM_STARTED)
    assert command_of(second).body == {"at": "next"}
    assert not Command.objects.filter(trace_id=third.trace_id).exists()


def test_now_goes_ahead_of_all_that_is_held_back(metastudio: Job, cast: Cast) -> None:
    say(metastudio, cast)
    say(metastudio, cast, MORE)
    now = say(metastudio, cast, "现在就说这一句话，别的先等等。", mode=Mode.NOW)
    assert command_of(now).body == {"at": "now"}


def test_a_doubtful_item_holds_the_slot_until_its_time_has_passed(
    metastudio: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    first, second = say(metastudio, cast), say(metastudio, cast, MORE)
    unsure = make.happened(leaves(first), Kind.ITEM_UNSURE, why="timeout")
    assert unsure.due_at is not None
    job = Job.objects.select_related("account", "room").get(pk=metastudio.pk)
    lock_topic(job.topic)
    manual_clock.advance((unsure.due_at - manual_clock.now()).total_seconds() - 1)
    assert release.release(job) == 0
    manual_clock.advance(2)
    assert release.release(job) == 1
    assert command_of(second).body == {"at": "end"}  # behind what may still be there


def test_what_is_cut_by_now_is_cancelled_and_says_by_whom(metastudio: Job, cast: Cast) -> None:
    first = make.happened(leaves(say(metastudio, cast)), Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    now = say(metastudio, cast, MORE, mode=Mode.NOW)
    make.happened(leaves(now), Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    cut = make.happened(first)
    assert (cut.state, cut.cut_by_id) == ("cancelled", now.pk)


def test_a_late_start_of_now_does_not_cut_what_began_after_it(
    metastudio: Job, cast: Cast, manual_clock: ManualClock
) -> None:
    now = leaves(say(metastudio, cast, MORE, mode=Mode.NOW))
    late = item_fact(now, Kind.ITEM_STARTED)
    manual_clock.advance(5)
    other = make.happened(leaves(say(metastudio, cast)), Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    record_many([late], PROJECTIONS)
    assert make.happened(other).state == "playing"


def test_softsugars_now_cuts_what_plays_once_it_is_queued(softsugar: Job, cast: Cast) -> None:
    first = make.happened(leaves(say(softsugar, cast)), Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    now = leaves(say(softsugar, cast, MORE, mode=Mode.NOW))
    assert not Command.objects.filter(kind="cancel").exists()
    make.happened(now, Kind.ITEM_QUEUED)
    assert Command.objects.get(kind="cancel").body == {"items": [first.pk]}
    assert make.happened(first).cut_by_id == now.pk


def test_softsugars_now_that_is_told_late_cuts_nothing(softsugar: Job, cast: Cast) -> None:
    now = make.happened(leaves(say(softsugar, cast, mode=Mode.NOW)), Kind.ITEM_STARTED, Kind.ITEM_FINISHED)
    after = make.happened(leaves(say(softsugar, cast, MORE, mode=Mode.NOW)), Kind.ITEM_STARTED)
    make.happened(now, Kind.ITEM_QUEUED)
    assert not Command.objects.filter(kind="cancel").exists()
    assert make.happened(after).state == "playing"


def test_a_failure_told_by_the_vendor_frees_the_lane_at_once(softsugar: Job, cast: Cast) -> None:
    item = leaves(say(softsugar, cast))
    assert make.happened(item, Kind.ITEM_FAILED).state == "failed"
    assert command_of(item).state == "rejected"


# ----------------------------------------------------------------------------------------------------------- the player


def test_the_script_goes_one_ahead(softsugar: Job) -> None:
    first = script_of(softsugar)[0]
    assert (first.play_no, first.first_no, first.last_no, first.rank) == (1, 1, 1, Rank.SCRIPT)
    make.happened(leaves(first), Kind.ITEM_QUEUED)
    assert len(script_of(softsugar)) == 1
    make.happened(first, Kind.ITEM_STARTED)
    assert [item.play_no for item in script_of(softsugar)] == [1, 2]
    assert Job.objects.get(pk=softsugar.pk).script_no == 1
    make.happened(first, Kind.ITEM_FINISHED)
    assert [item.play_no for item in script_of(softsugar)] == [1, 2]


def test_the_script_is_in_no_audit(softsugar: Job) -> None:
    make.happened(leaves(script_of(softsugar)[0]), Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    assert not AuditEntry.objects.filter(target_kind="takeover").exists()
