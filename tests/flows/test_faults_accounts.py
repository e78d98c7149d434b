"""Expired credentials, clocks that are apart, quotas, outages: what the account and its rooms say, and what heals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from dashboard.audience.addresses import intake_url
from dashboard.audience.models import ReportCursor
from dashboard.audit.trail import CONSOLE
from dashboard.events.kinds import AUDIENCE, Audience, Fact, Kind
from dashboard.events.models import Event, Source
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.live.intake.accept import accept
from dashboard.live.relay import polls
from dashboard.takeover.models import Takeover
from dashboard.takeover.services import quiet
from dashboard.vendors import services as vendor_services
from dashboard.vendors.models import Command, VendorAccount, VendorKind
from tests.flows import screens
from tests.flows.stage import Stage

SPEED = 14.0
WORDS = "今天直播间到手价一百九十九元，拍下还送同色系小样。"
MORE = "左下角小黄车可以领二十元券，十分钟内有效。"
METASTUDIO, SOFTSUGAR = VendorKind.METASTUDIO, VendorKind.SOFTSUGAR


async def until_health(stage: Stage, vendor: str, health: str) -> None:
    account = stage.accounts[vendor]
    await stage.until(lambda: screens.account_now(account).health == health, f"the account is {health}")


async def edit(stage: Stage, vendor: str, **secrets: str) -> None:
    """What an admin types into the account's form."""
    account = await in_thread(VendorAccount.objects.get, pk=stage.accounts[vendor].pk)
    draft = vendor_services.AccountDraft(
        vendor=account.vendor,
        name=account.name,
        base_url=account.base_url,
        region=account.region,
        project_ref=account.project_ref,
        secrets=secrets,
        callback_check=account.callback_check,
    )
    await in_thread(vendor_services.update_account, account=account, draft=draft, actor=CONSOLE)


# ------------------------------------------------------------------------------------------------------- expired tokens


async def _log_in_by_iam(stage: Stage) -> None:
    """The account holds no access key, but a user of the vendor's token service."""
    told = (await stage.control.get("/sandbox/credentials")).json()
    secrets = {
        "iam_url": stage.sandbox.url,
        "iam_user": told["SANDBOX_IAM_USER"],
        "iam_domain": told["SANDBOX_IAM_DOMAIN"],
        "iam_password": told["SANDBOX_IAM_PASSWORD"],
    }
    row = await in_thread(VendorAccount.objects.get, pk=stage.accounts[METASTUDIO].pk)
    row.credential = msgspec.json.encode(secrets).decode()
    await in_thread(row.save, update_fields=["credential"])
    await edit(stage, METASTUDIO)


async def test_an_iam_token_that_expires_is_renewed_without_a_word(stage_without_channel: Stage) -> None:
    stage = stage_without_channel
    await _log_in_by_iam(stage)
    job = await stage.on_air(METASTUDIO)
    await stage.fault("expire_tokens", vendor="metastudio")
    item = await stage.say(job, WORDS)
    done = await stage.until_item(item, "done")
    assert done.timeout_at is None
    assert len(await stage.audible(WORDS)) == 1
    told = await in_thread(lambda: list(Event.objects.filter(kind="account.health").values_list("data", flat=True)))
    assert "refused" not in [data["health"] for data in told]
    assert (await screens.account(stage.accounts[METASTUDIO])).health == "ok"


async def test_a_refused_access_key_is_told_and_a_good_one_heals(stage_without_channel: Stage) -> None:
    stage = stage_without_channel
    job = await stage.on_air(METASTUDIO)
    good = stage.sandbox.world.credentials.sk
    await edit(stage, METASTUDIO, secret_key="a-key-that-was-withdrawn")
    await until_health(stage, METASTUDIO, "refused")
    card = await screens.account(stage.accounts[METASTUDIO])
    assert str(card.error) == (
        "MetaStudio does not accept the account's keys. Nothing changed on air. Check access key, secret key and"
        " project ID in the vendor account, and this server's clock. (MetaStudio MSS.00000001)"
    )
    seen = await screens.room(job)
    assert (seen.air, seen.why, seen.need) == ("ON AIR", f"{card.name} refuses the credential", "warn")
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "rejected")
    assert "does not accept the account's keys" in (await screens.item(item)).notice.text
    await edit(stage, METASTUDIO, secret_key=good)
    await until_health(stage, METASTUDIO, "ok")
    again = await stage.say(job, MORE)
    await stage.until_item(again, "done")
    assert [len(await stage.audible(words)) for words in (WORDS, MORE)] == [0, 1]


async def test_a_refused_platform_token_is_told_and_heals(stage: Stage) -> None:
    """The session's socket has a token of its own: what plays goes on, and so may words."""
    job = await stage.on_air(SOFTSUGAR)
    fault = await stage.fault("expire_tokens", vendor="softsugar")
    await until_health(stage, SOFTSUGAR, "refused")
    card = await screens.account(stage.accounts[SOFTSUGAR])
    assert card.error.text.startswith("SoftSugar")
    assert "token" in card.error.text
    assert (await screens.room(job)).why == f"{card.name} refuses the credential"
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "done")
    (await stage.control.delete(f"/sandbox/faults/{fault}")).raise_for_status()
    await until_health(stage, SOFTSUGAR, "ok")
    assert (await screens.room(job)).why == "Calm"
    assert len(await stage.audible(WORDS)) == 1


async def test_an_expired_report_address_is_renewed_and_no_event_is_lost_or_doubled(
    stage_without_channel: Stage,
) -> None:
    """401 at the door: nothing was counted there, so the same batch goes once more to the address that holds now."""
    stage = stage_without_channel
    job = await stage.on_air(METASTUDIO)
    old = job.report_url
    await stage.fault("expire_tokens", vendor="metastudio")
    await in_thread(_comment, job, "one", "two")
    await stage.until(lambda: ReportCursor.objects.filter(job=job, last_ok_at__isnull=False).exists(), "reported")
    cursor = await in_thread(ReportCursor.objects.get, job=job)
    assert (cursor.unsure_events, cursor.batch_to_seq) == (0, None)
    assert (await stage.fresh(job)).report_url != old
    assert not any("may not have reached" in text for text in (await screens.room(job)).history)


async def test_events_whose_answer_is_lost_are_counted_as_unsure_and_not_repeated(stage_without_channel: Stage) -> None:
    """They fire the vendor's rules, so an unknown outcome is never repeated; the desk says how many."""
    stage = stage_without_channel
    job = await stage.on_air(METASTUDIO)
    await stage.fault("refuse", vendor="metastudio", endpoint="report_live_event", count=1, params={"after": True})
    await in_thread(_comment, job, "one", "two")
    await stage.until(lambda: ReportCursor.objects.filter(job=job, unsure_events=2).exists(), "counted")
    assert "2 audience events may not have reached the vendor's rules" in (await screens.room(job)).history


def _comment(job: Job, *words: str) -> None:
    for word in words:
        accept(
            Fact(
                kind=Kind.COMMENT,
                payload=Audience(type=1, raw=word),
                source=Source.AUDIENCE,
                dedupe_key=f"audience:{job.pk}:{word}",
                at=clock.now(),
                team_id=job.team_id,
                account_id=job.account_id,
                room_id=job.room_id,
                job_id=job.pk,
            )
        )


# ----------------------------------------------------------------------------------------------------------- clock skew


@pytest.mark.parametrize(("vendor", "seconds"), [(METASTUDIO, 7), (SOFTSUGAR, -7)])
async def test_a_clock_that_is_seconds_off_is_told_and_disorders_nothing(
    stage: Stage, vendor: str, seconds: int
) -> None:
    job = await stage.on_air(vendor)
    await stage.fault("skew", params={"seconds": seconds})
    account = stage.accounts[vendor]
    await stage.until(lambda: screens.account_now(account).skew_warning, "the account says so")
    card = await screens.account(account)
    assert card.skew_warning.startswith("The clocks are 5 s or more apart.")
    assert abs(float(card.skew.split()[0]) - seconds) <= 1.5
    assert card.health == "ok"
    item = await stage.say(job, WORDS)
    done = await stage.until_item(item, "done")
    assert (await screens.item(done)).chip.word == "DONE"
    assert len(await stage.audible(WORDS)) == 1
    assert (await screens.room(job)).air == "ON AIR"
    await stage.stop(job)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "ended", "the job ended")
    await stage.clear_faults()
    await stage.until(lambda: not screens.account_now(account).skew_warning, "the clocks agree again")


async def test_a_start_on_a_vendor_whose_clock_is_behind_is_found(stage: Stage) -> None:
    """The session looks older than our start, and what a silence cuts may seem to end before it: both are ours."""
    room = await stage.room(SOFTSUGAR)
    await stage.fault("skew", params={"seconds": -30})
    account = stage.accounts[SOFTSUGAR]
    await stage.until(lambda: screens.account_now(account).skew_warning, "the skew is known")
    await stage.fault("refuse", vendor="softsugar", endpoint="channel_create", count=1, params={"after": True})
    job = await stage.start(room)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "live", "it was found and is live")
    await stage.until(lambda: Job.objects.get(pk=job.pk).link == "up", "the link is up")
    item = await stage.say(await stage.fresh(job), WORDS * 3)
    await stage.until_item(item, "playing", within=25)
    await in_thread(quiet.silence, job=job, user=stage.user, actor=stage.actor)
    await stage.until_item(item, "cancelled")
    assert [row["cut"] for row in await stage.audible(WORDS)] == [True]


async def test_a_clock_that_is_minutes_off_is_named_as_the_reason(stage_without_channel: Stage) -> None:
    stage = stage_without_channel
    job = await stage.on_air(METASTUDIO)
    await stage.fault("skew", params={"seconds": 1200})
    await until_health(stage, METASTUDIO, "refused")
    card = await screens.account(stage.accounts[METASTUDIO])
    assert str(card.error) == (
        "MetaStudio refuses the signature: its clock is 20 minutes ahead of this server's. Nothing changed on air."
        " Set this server's clock (NTP); nothing is wrong with the keys. (MetaStudio MSS.00000001)"
    )
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "rejected")
    assert "20 minutes ahead" in (await screens.item(item)).notice.text
    await stage.clear_faults()
    await until_health(stage, METASTUDIO, "ok")
    assert await stage.audible(WORDS) == []


# --------------------------------------------------------------------------------------------------------------- quotas


@pytest.mark.parametrize(
    ("vendor", "params", "sentence"),
    [
        (SOFTSUGAR, {"status": 97}, "SoftSugar has no free stream. Nothing changed on air. Try again in a minute,"),
        (
            SOFTSUGAR,
            {"status": 98},
            "All streams of this vendor account are in use. Nothing changed on air. Wait until one ends",
        ),
        (METASTUDIO, {"code": "MSS.20010065"}, "All concurrent live jobs of this account are in use. Nothing changed"),
        # No "later" although it comes with 429 (002:13701): the package does not fill up by waiting.
        (METASTUDIO, {"code": "MSS.20010102"}, "The live package of this account is used up. Nothing changed on air."),
        (METASTUDIO, {"code": "MSS.00022003"}, ""),
    ],
    ids=["97", "98", "concurrency", "package", "time"],
)
async def test_a_start_over_quota_fails_with_the_reason(
    stage: Stage, vendor: str, params: dict[str, Any], sentence: str
) -> None:
    room = await stage.room(vendor)
    await stage.fault("quota", vendor=vendor, count=1, params=params)
    job = await stage.start(room)
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "failed", "the start failed")
    seen = await screens.room(job)
    assert (seen.air, seen.need) == ("FAILED", "crit")
    assert seen.why.startswith(sentence)
    assert seen.why.endswith(f" {params.get('code') or params['status']})")
    creates = Command.objects.filter(job_id=job.pk, kind="create").values_list("attempts", flat=True)
    assert await in_thread(list, creates) == [1]
    second = await stage.start(room)  # nothing is in its way
    await stage.until(lambda: Job.objects.get(pk=second.pk).state == "live", "the next start works")


async def test_no_free_capacity_is_waited_for(stage: Stage) -> None:
    room = await stage.room(METASTUDIO)
    fault = await stage.fault("quota", vendor="metastudio", params={"status": 429})
    job = await stage.start(room)
    create = Command.objects.filter(job_id=job.pk, kind="create")
    await stage.until(lambda: create.filter(wait_reason="busy").exists(), "it waits, and says why")
    assert (await screens.room(job)).air == "PREPARING"
    (await stage.control.delete(f"/sandbox/faults/{fault}")).raise_for_status()
    await in_thread(lambda: create.update(not_before=None))  # five seconds are not waited for in a test
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "live", "the job is live")


# --------------------------------------------------------------------------------------------------------------- outage


@pytest.mark.parametrize(
    ("vendor", "params"), [(METASTUDIO, {}), (SOFTSUGAR, {"hang_up": True})], ids=["503", "hangs up"]
)
async def test_an_outage_is_told_honestly_and_over_by_itself(stage: Stage, vendor: str, params: dict[str, Any]) -> None:
    job = await stage.on_air(vendor)
    await stage.fault("outage", vendor=vendor, params=params)
    await until_health(stage, vendor, "unreachable")
    name = stage.accounts[vendor].name
    during = await screens.room(job, later_s=180)
    # The vendor did not say that it ended: the last word stays, and says how old it is. Its tile asks for somebody.
    assert (during.air, during.why, during.need) == ("ON AIR", f"{name} does not answer", "warn")
    assert during.age_s > 170
    assert (await screens.strip(stage.team.pk)).warn == 1
    item = await stage.say(job, WORDS)
    await stage.until(
        lambda: Takeover.objects.get(pk=item.pk).state in ("waiting", "queued", "playing", "done", "unknown"), "said"
    )
    await stage.clear_faults()
    await until_health(stage, vendor, "ok")
    ended = await stage.until_item(item, "done", "unknown", within=25)
    after = await stage.say(job, MORE, mode="now")
    await stage.until_item(after, "done", within=25)
    assert len(await stage.audible(MORE)) == 1
    heard = len(await stage.audible(WORDS))
    assert heard <= 1
    assert (ended.state == "done") == (heard == 1)
    seen = await screens.room(job)
    assert (seen.air, seen.age_s < 2) == ("ON AIR", True)
    told = await in_thread(lambda: list(Event.objects.filter(kind="account.health").values_list("data", flat=True)))
    assert [data["health"] for data in told if data["health"] == "unreachable"] == ["unreachable"]  # the edge, once


async def test_what_ended_during_an_outage_is_found_out_afterwards(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polls, "LISTING_SETTLES", timedelta(seconds=0.5))
    job = await stage.on_air(SOFTSUGAR)
    await stage.fault("outage", vendor="softsugar")
    await stage.fault("drop_callback", vendor="softsugar")
    await stage.fault("session_end", vendor="softsugar", params={"status": 50})
    await until_health(stage, SOFTSUGAR, "unreachable")
    assert (await screens.room(job)).air == "ON AIR"  # nobody told; the line below says that nobody answers
    await stage.clear_faults()
    await stage.until(lambda: Job.objects.get(pk=job.pk).state == "lost", "the end is found")
    seen = await screens.room(job)
    assert seen.air == "FAILED"
    assert seen.why.startswith("SoftSugar closed the session: no heartbeat reached it, or its network broke.")


# ------------------------------------------------------------------------ an audience that floods in


async def test_a_flood_of_comments_is_taken_whole_and_holds_no_sentence_up(stage: Stage) -> None:
    job = await stage.on_air(SOFTSUGAR)
    audience = {"job": job.vendor_ref, "url": await in_thread(intake_url, job), "seed": 3}
    (await stage.control.put("/sandbox/audience", json={**audience, "rate_per_s": 3})).raise_for_status()
    flood = await stage.fault("flood", session=job.vendor_ref, params={"times": 20})
    await stage.until(lambda: Job.objects.get(pk=job.pk).comments > 200, "comments flood in")
    item = await stage.say(job, WORDS)
    await stage.until_item(item, "done")
    assert (await screens.room(job)).air in ("ON AIR", "TALKBACK")
    (await stage.control.delete(f"/sandbox/faults/{flood}")).raise_for_status()
    (await stage.control.put("/sandbox/audience", json={**audience, "rate_per_s": 0.001})).raise_for_status()

    async def all_told() -> bool:
        return (await _crowd(stage))["waiting"] == 0

    await stage.until_async(all_told, "the capture tool has told everything")
    crowd = await _crowd(stage)
    recorded = await in_thread(Event.objects.filter(job_id=job.pk, kind__in=sorted(AUDIENCE)).count)
    assert crowd["lost"] == 0
    # The same act of the same person in the same millisecond is one.
    assert crowd["delivered"] - 5 <= recorded <= crowd["delivered"]
    assert len(await stage.audible(WORDS)) == 1


async def _crowd(stage: Stage) -> dict[str, Any]:
    """What the synthetic audience did, by its own count."""
    told: list[dict[str, Any]] = (await stage.control.get("/sandbox/audience")).json()
    return told[0]
