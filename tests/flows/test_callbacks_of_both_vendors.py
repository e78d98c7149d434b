"""Callbacks of every documented kind and way to sign, from the sandbox over HTTP to the intake (A11, B6, B11, B40)."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.urls import reverse

from dashboard.audit.models import AuditEntry
from dashboard.audit.trail import CONSOLE
from dashboard.events.models import Event
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.logs import JsonFormatter, TextFormatter
from dashboard.lib.threads import in_thread
from dashboard.sandbox import metastudio_callbacks, softsugar_wire
from dashboard.sandbox.callbacks import Callback
from dashboard.takeover.models import Takeover
from dashboard.vendors import services as vendor_services
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.models import Command, VendorAccount, VendorKind
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.flows import screens
from tests.flows.stage import Stage, open_stage

METASTUDIO, SOFTSUGAR = VendorKind.METASTUDIO, VendorKind.SOFTSUGAR
WORDS = "今天直播间到手价一百九十九元，拍下还送同色系小样。"
KINDS = {
    "SHOOT_SCRIPT_SWITCH": ("switch", {"scene": "S", "sequence_no": 2, "title": "Two"}),
    "RTMP_STREAM_STATE_CHANGE": ("rtmp", {"output_url": "rtmp://x/live", "stream_key": "verysecret", "state": ""}),
    "REPLY_COMMAND_FINISH": ("finish", {"reply_id": "nobody's"}),
}
PROOFS = {"MSS_A_HEAD": "header", "MSS_A": "query", "NONE": "address", "None": "address", "MEITUAN_DEFAULT": "address"}
STATUSES = sorted(row.code for row in contract("softsugar").status_codes if "status_callback" in row.where)


@pytest.fixture
async def quiet(tmp_path: Path) -> AsyncIterator[Stage]:
    """A console, a sandbox and no relay: only what this test sends arrives."""
    async with open_stage(tmp_path, relay=False) as opened:
        yield opened


async def running(stage: Stage, vendor: str, **capabilities: object) -> Job:
    """A job as the intake knows it, on air at a vendor that stays silent."""

    def make() -> Job:
        account = VendorAccount.objects.get(pk=stage.accounts[vendor].pk)
        account.capabilities = {**account.capabilities, **capabilities}
        account.save(update_fields=["capabilities"])
        job = Job.objects.get(pk=started.pk)
        job.vendor_ref, job.state, job.state_source = f"ref-{job.pk}", "live", "vendor"
        job.save(update_fields=["vendor_ref", "state", "state_source"])
        return Job.objects.select_related("room", "account").get(pk=job.pk)

    room = await stage.room(vendor)
    await in_thread(type(room).objects.filter(pk=room.pk).update, vendor_ref=f"room-{room.pk}")
    started = await stage.start(await in_thread(type(room).objects.select_related("account").get, pk=room.pk))
    return await in_thread(make)


def address_of(job: Job, stage: Stage) -> str:
    return stage.url + reverse("intake:job_callback", args=[job.callback_slug])


def told_by(job: Job, stage: Stage, event: str, auth_type: str, *, signs: str = "url", **data: Any) -> Callback:
    """The callback as the sandbox makes it for a room that asks for `auth_type`."""
    kind, about = KINDS[event]
    config = {
        "live_event_type_callback_url": address_of(job, stage),
        "auth_type": auth_type,
        "key": job.callback_key,
        "callback_event_type": [event],
    }
    callback = metastudio_callbacks.build(
        config, room_id=job.room.vendor_ref, job_id=job.vendor_ref, kind=kind, data={**about, **data}
    )
    assert callback is not None
    callback.data["signs"] = signs
    return callback


async def deliver(stage: Stage, *callbacks: Callback) -> list[dict[str, Any]]:
    """What the console answered to each try."""
    sender = stage.sandbox.world.callbacks
    before = len(sender.done)
    for callback in callbacks:
        sender.send(callback)
    await sender.idle()
    return list(sender.done)[before:]


async def once(stage: Stage, callback: Callback) -> int:
    """The answer to one single try, where the sender would try again."""
    url, headers = stage.sandbox.world.callbacks.signers["metastudio"](callback, clock.now())
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.post(url, content=callback.body.encode(), headers=headers)).status_code


def kinds(job: Job) -> list[tuple[str, str]]:
    own = ("job.script_position", "job.stream", "item.finished", "job.unrecognised", "job.rtc_expired", "job.state")
    found = Event.objects.filter(job_id=job.pk, kind__in=own).order_by("id")
    return list(found.values_list("kind", "outcome"))


# ---------------------------------------------------------------------------------------------------------- MetaStudio


def test_these_are_the_kinds_and_types_that_the_documents_have() -> None:
    documented = {row.name for row in contract("metastudio").callbacks if row.transport == "http"}
    assert documented - {"Result of a video production task"} == set(KINDS)
    config = contract("metastudio").object("LiveEventCallBackConfig")
    types = next(field for field in config.fields if field.name == "auth_type")
    assert {*types.enum, *types.enum_aliases} == set(PROOFS)


async def test_every_kind_arrives_whatever_signs_it(quiet: Stage) -> None:
    stage = quiet
    for auth_type, proof in PROOFS.items():
        job = await running(stage, METASTUDIO, callback_proof=proof)
        answers = await deliver(
            stage,
            told_by(job, stage, "SHOOT_SCRIPT_SWITCH", auth_type),
            told_by(job, stage, "RTMP_STREAM_STATE_CHANGE", auth_type, state="DISCONNECTED"),
            told_by(job, stage, "REPLY_COMMAND_FINISH", auth_type),
        )
        assert [answer["status"] for answer in answers] == [200, 200, 200], auth_type
        assert await in_thread(kinds, job) == [
            ("job.script_position", "applied"),
            ("job.stream", "applied"),
            ("item.finished", "waiting"),
        ]
        seen = await screens.room(job)
        assert (seen.why, seen.need) == ("The picture does not reach the platform", "crit")
        assert (await stage.fresh(job)).script_no == 2


async def test_every_state_of_the_picture_is_shown(quiet: Stage) -> None:
    shown = {
        "CONNECTING": "connecting",
        "CONNECTED": "up",
        "RECONNECTING": "reconnecting",
        "DISCONNECTED": "down",
        "END": "ended",
    }
    for state, link in shown.items():
        job = await running(quiet, METASTUDIO)
        await deliver(quiet, told_by(job, quiet, "RTMP_STREAM_STATE_CHANGE", "MSS_A_HEAD", state=state))
        assert (await quiet.fresh(job)).stream_link == link


@pytest.mark.parametrize("auth_type", ["MSS_A", "MSS_A_HEAD"])
@pytest.mark.parametrize(("signs", "by_path"), [("url", False), ("path", True)])
async def test_the_switch_says_whether_address_or_path_is_signed(
    quiet: Stage, auth_type: str, signs: str, by_path: bool
) -> None:
    """A11 b: both readings work, and each refuses the other."""
    stage = quiet
    job = await running(stage, METASTUDIO, callback_signs_path=by_path)
    other = "url" if by_path else "path"
    assert await once(stage, told_by(job, stage, "SHOOT_SCRIPT_SWITCH", auth_type, signs=signs)) == 200
    assert await once(stage, told_by(job, stage, "SHOOT_SCRIPT_SWITCH", auth_type, signs=other)) == 401
    assert await in_thread(kinds, job) == [("job.script_position", "applied")]


@pytest.mark.parametrize("auth_type", ["NONE", "MEITUAN_DEFAULT"])
async def test_an_unsigned_callback_is_refused_counted_and_audited_where_signatures_are_expected(
    quiet: Stage, auth_type: str
) -> None:
    stage = quiet
    job = await running(stage, METASTUDIO)
    for _ in range(3):
        assert await once(stage, told_by(job, stage, "SHOOT_SCRIPT_SWITCH", auth_type)) == 401
    assert await in_thread(kinds, job) == []
    card = await screens.account(stage.accounts[METASTUDIO])
    assert card.callbacks_refused == 3
    assert card.callback_refused_at is not None
    audit = await in_thread(lambda: list(AuditEntry.objects.filter(action="callback").values_list("result", flat=True)))
    assert audit == ["refused: signature"]


async def test_the_vendor_starts_jobs_as_the_account_says(
    stage_without_channel: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way: account, start, sandbox, intake; each job has an address of its own."""
    monkeypatch.setattr("dashboard.live.relay.polls.LISTING_SETTLES", timedelta(seconds=0.5))
    stage = stage_without_channel
    seen = []
    for proof, auth_type in (("query", "MSS_A"), ("address", "NONE")):
        account = stage.accounts[METASTUDIO]
        await in_thread(_set_proof, account, proof)
        job = await stage.on_air(METASTUDIO)
        config = stage.sandbox.world.faces[1].model.jobs[job.vendor_ref].room["live_event_callback_config"]  # type: ignore[attr-defined]
        assert config["auth_type"] == auth_type
        assert ("key" in config) == (proof != "address")
        seen.append((job.callback_slug, config.get("key", "")))
        item = await stage.say(job, WORDS)
        await stage.until_item(item, "done")
        await stage.stop(job)
        await stage.until(lambda job=job: Job.objects.get(pk=job.pk).state == "ended", "it ended")
    assert len({slug for slug, _ in seen}) == 2
    assert all(len(slug) >= 24 for slug, _ in seen)


def _set_proof(account: VendorAccount, proof: str) -> None:
    """What an admin chooses in the account's form."""
    row = VendorAccount.objects.get(pk=account.pk)
    draft = vendor_services.AccountDraft(
        vendor=row.vendor,
        name=row.name,
        base_url=row.base_url,
        region=row.region,
        project_ref=row.project_ref,
        capabilities={"callback_proof": proof},
    )
    vendor_services.update_account(account=row, draft=draft, actor=CONSOLE)


async def test_unsigned_repeats_are_one_event_and_a_script_in_a_loop_is_not_lost(quiet: Stage) -> None:
    stage = quiet
    job = await running(stage, METASTUDIO, callback_proof="address")
    for number in (1, 2, 1):
        await deliver(stage, *[told_by(job, stage, "SHOOT_SCRIPT_SWITCH", "NONE", sequence_no=number)] * 2)
    # Within half a minute the second "1" counts as a repeat of the first; a minute later it would be told anew.
    assert len(await in_thread(kinds, job)) in (2, 3)
    assert (await stage.fresh(job)).script_no in (1, 2)


async def test_what_cannot_be_read_or_is_about_another_job_is_kept_as_text(quiet: Stage) -> None:
    stage = quiet
    job = await running(stage, METASTUDIO)
    # 000:1649: the printed sample lacks a backslash and is no JSON.
    sample = '{"event_type":"REPLY_COMMAND_FINISH","message":"{\\"job_id\\":\\"x\\",\\"reply_id":\\"y\\"}"}'
    bodies = ["", "{", "[]", sample, '{"event_type":"NEW","message":"{}"}', "\u202e<script>", "[" * 5000]
    callback = told_by(job, stage, "SHOOT_SCRIPT_SWITCH", "MSS_A_HEAD")
    for body in bodies:
        callback.body = body
        assert await once(stage, callback) == 200
    callback.body = told_by(job, stage, "SHOOT_SCRIPT_SWITCH", "MSS_A_HEAD").body.replace(job.vendor_ref, "another")
    assert await once(stage, callback) == 200
    assert set(await in_thread(kinds, job)) == {("job.unrecognised", "applied")}
    assert len(await in_thread(kinds, job)) == len(bodies) + 1
    assert (await stage.fresh(job)).script_no is None
    callback.body = "x" * 70_000
    assert await once(stage, callback) == 413


# ----------------------------------------------------------------------------------------------------------- SoftSugar


def status_of(job: Job, stage: Stage, status: int, **more: Any) -> Callback:
    body = {"sessionId": job.vendor_ref, "status": status, "userData": f"talkback-{job.pk}", **more}
    url = stage.url + reverse("intake:account_callback", args=[job.account.callback_slug])
    return Callback("softsugar", job.vendor_ref, url, softsugar_wire.callback_body(body), event=str(status))


def checks(job: Job) -> int:
    return Command.objects.filter(job_id=job.pk, kind="check").count()


async def _waiting(stage: Stage) -> tuple[Job, Takeover]:
    job = await running(stage, SOFTSUGAR)
    item = await stage.say(job, WORDS)
    await in_thread(Takeover.objects.filter(pk=item.pk).update, claimed_at=clock.now(), state="sending")
    return job, item


def test_these_are_the_statuses_that_the_callback_table_has() -> None:
    assert STATUSES == [5, 9, 34, 35, 36, 37, 39, 50, 96, 99]


async def test_every_status_arrives_signed(quiet: Stage) -> None:
    """34, 36, 37, 39 are steps of a sentence; ends are asked for before they are believed; 35 comes late here."""
    stage = quiet
    steps = {34: "queued", 36: "playing", 37: "done", 39: "failed"}
    for status in STATUSES:
        job, item = await _waiting(stage)
        before = await in_thread(Event.objects.filter(job_id=job.pk).count)
        answers = await deliver(stage, *[status_of(job, stage, status, commandTraceId=item.trace_id)] * 2)
        assert [answer["status"] for answer in answers] == [200, 200]
        assert ((await stage.fresh(item)).state, (await stage.fresh(job)).state) == (
            steps.get(status, "sending"),
            "live",
        )
        assert await in_thread(checks, job) == (1 if status in (5, 9, 50, 99) else 0)
        news = await in_thread(Event.objects.filter(job_id=job.pk).count) - before
        assert news == (1 if status in steps else {35: 2, 96: 2}.get(status, 0)), status
        if status == 39:
            assert (await screens.item(item)).notice.text.startswith("SoftSugar could not play this takeover.")
        if status == 96:
            assert ("job.rtc_expired", "applied") in await in_thread(kinds, job)


async def test_without_an_auth_key_nothing_is_believed_and_the_vendor_is_asked(quiet: Stage) -> None:
    stage = quiet
    (await stage.control.put("/sandbox/callbacks", json={"vendor": "softsugar", "url": "x"})).raise_for_status()
    for status in STATUSES:
        job, item = await _waiting(stage)
        account = VendorAccount.objects.filter(pk=job.account_id)
        await in_thread(account.update, callback_check="signature")
        callback = status_of(job, stage, status, commandTraceId=item.trace_id)
        async with httpx.AsyncClient(trust_env=False) as client:
            refused = await client.post(callback.url, content=callback.body.encode())
        assert refused.status_code == 401
        assert await in_thread(checks, job) == 0
        await in_thread(account.update, callback_check="presence")
        before = await in_thread(Event.objects.filter(job_id=job.pk).count)
        assert [answer["status"] for answer in await deliver(stage, callback)] == [200]
        assert await in_thread(Event.objects.filter(job_id=job.pk).count) == before
        assert (await stage.fresh(item)).state == "sending"
        assert await in_thread(checks, job) == 1


async def test_a_forged_status_where_presence_is_enough_only_makes_the_relay_ask(quiet: Stage) -> None:
    stage = quiet
    job, item = await _waiting(stage)
    await in_thread(VendorAccount.objects.filter(pk=job.account_id).update, callback_check="presence")
    forged = status_of(job, stage, 37, commandTraceId=item.trace_id)
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            forged.url, content=forged.body.encode(), headers={"timestamp": "9" * 12, "signature": "00" * 32}
        )
    assert answer.status_code == 200
    assert (await stage.fresh(item)).state == "sending"
    assert await in_thread(checks, job) == 1


async def test_steps_in_any_order_end_alike(quiet: Stage) -> None:
    stage = quiet
    for order in ((34, 36, 37), (37, 36, 34), (36, 34, 37)):
        job, item = await _waiting(stage)
        for status in order:
            await deliver(stage, status_of(job, stage, status, commandTraceId=item.trace_id))
        done = await stage.fresh(item)
        assert done.state == "done"
        assert all((done.queued_at, done.started_at, done.finished_at))


async def test_after_the_end_and_for_strangers_nothing_moves(quiet: Stage) -> None:
    stage = quiet
    job, item = await _waiting(stage)
    await in_thread(make.hear, job, JobSays.ENDED)
    answers = await deliver(
        stage,
        status_of(job, stage, 35),
        status_of(job, stage, 5),
        status_of(job, stage, 37, commandTraceId="unknown"),
    )
    assert {answer["status"] for answer in answers} == {200}
    assert (await stage.fresh(job)).state == "ended"
    assert await in_thread(checks, job) == 0
    assert (await stage.fresh(item)).state == "unknown"  # what the end of its job made of it
    stranger = Callback("softsugar", "s", status_of(job, stage, 5).url, json.dumps({"sessionId": "s", "status": 5}))
    await in_thread(Command.objects.filter(kind="create").update, state="accepted")
    assert [answer["status"] for answer in await deliver(stage, stranger)] == [200]


# ------------------------------------------------------------------------------------------------------------- secrets


FORMATS = {"text": TextFormatter("%(name)s %(levelname)s %(message)s"), "json": JsonFormatter()}


@pytest.fixture(params=FORMATS)
def log(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """All that is logged at any level, as the console writes it in each of its formats."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(FORMATS[request.param])
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(before)
    root.removeHandler(handler)


async def test_no_secret_is_ever_logged(log: StringIO, tmp_path: Path) -> None:
    """A start, a sentence, forged and refused callbacks, expired credentials and a lost link, at the finest level."""
    async with open_stage(tmp_path) as stage:
        secrets = dict((await stage.control.get("/sandbox/credentials")).json())
        told = [secrets[name] for name in ("SANDBOX_SK", "SANDBOX_SOFTSUGAR_TOKEN", "SANDBOX_IAM_PASSWORD")]
        for vendor in VendorKind:
            job = await stage.on_air(vendor)
            await stage.fault("forge_callback", vendor=vendor)
            item = await stage.say(job, WORDS)
            await stage.until_item(item, "done")
            bad = told_by(job, stage, "SHOOT_SCRIPT_SWITCH", "MSS_A") if vendor == METASTUDIO else None
            if bad is not None:
                assert await once(stage, bad) == 200
                bad.data["key"] = "wrong"
                assert await once(stage, bad) == 401
            await stage.fault("expire_tokens", vendor=vendor, count=3)
            await stage.fault("drop_socket", vendor=vendor, params={"abrupt": True})
            await stage.until(lambda job=job: Job.objects.get(pk=job.pk).link != "up", "the link is lost")
            await stage.until(lambda job=job: Job.objects.get(pk=job.pk).link == "up", "and open again", within=20)
            job = await stage.fresh(job)
            account = await in_thread(VendorAccount.objects.get, pk=job.account_id)
            told += [job.callback_key, job.callback_slug, job.session_token, job.intake_slug]
            told += [account.callback_key, account.callback_slug]
            told += [user["signature"] for user in json.loads(job.rtc or "{}").get("users", [])]
            told += [job.report_url.partition("auth_key=")[2].partition("&")[0]]
            stamp = format(int(clock.now().timestamp()), "x")
            told.append(hmac.new(job.callback_key.encode(), stamp.encode(), hashlib.sha256).hexdigest())
    text = log.getvalue()
    assert "callback for account" in text
    assert [secret for secret in told if secret and secret in text] == []
