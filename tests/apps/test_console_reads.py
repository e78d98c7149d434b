"""What the pages read in few queries is what the rows say: the strip's counts, the desk's queue, the feed's rate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dashboard.console import comments, facts, tiles
from dashboard.console.summary import Summary, summary
from dashboard.events.kinds import Kind
from dashboard.events.models import Event
from dashboard.jobs.models import Job, JobScriptItem
from dashboard.lib import clock
from dashboard.lib.clock import ManualClock
from dashboard.rooms.models import Room
from dashboard.takeover.models import Takeover
from dashboard.takeover.states import Mode
from dashboard.vendors.models import Health, Relay, VendorAccount
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import Cast


def relay(*, alive_for_s: float = 9.0, leaving: bool = False) -> None:
    now = clock.now()
    until = now + timedelta(seconds=alive_for_s)
    Relay.objects.create(name="r", host="h", process=1, alive_until=until, started_at=now, leaving=leaving)


def counts(told: Summary) -> tuple[int, int, int, int, bool, tuple[str, ...]]:
    return told.on_air, told.talkback, told.warn, told.alarm, told.no_relay, told.silent_accounts


def test_the_strip_of_a_new_team_is_empty(cast: Cast) -> None:
    relay()
    told = summary(cast.alpha.pk, 7)
    assert (told.id, told.seq, told.topic, told.slug) == (cast.alpha.pk, 7, f"team:{cast.alpha.pk}", "alpha")
    assert counts(told) == (0, 0, 0, 0, False, ())


def test_the_strip_counts_each_thing_once_however_many_accounts_are_silent(cast: Cast) -> None:
    relay()
    accounts = [make.account(cast.alpha, name=name) for name in ("First", "Second", "Third")]
    first = make.on_air(make.room(accounts[0]), cast.oki)
    second = make.on_air(make.room(accounts[1]), cast.oki)
    make.happened(make.takeover(first, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    make.unknown(first, cast.oki)
    make.unknown(second, cast.oki)
    VendorAccount.objects.filter(pk=accounts[0].pk).update(health=Health.UNREACHABLE)
    VendorAccount.objects.filter(pk=accounts[1].pk).update(health=Health.REFUSED)
    Job.objects.filter(pk=second.pk).update(state="unknown")
    # on air 1, speaking 1; one room with an unknown sentence and a silent account, one room nobody knows of
    assert counts(summary(cast.alpha.pk, 0)) == (1, 1, 1, 1, False, ("First", "Second"))
    assert counts(summary(cast.omega.pk, 0)) == (0, 0, 0, 0, False, ())


def test_a_silent_account_counts_by_itself_only_where_no_tile_tells_of_it(cast: Cast) -> None:
    relay()
    with_room, idle = make.account(cast.alpha, name="With a room"), make.account(cast.alpha, name="Idle")
    job = make.on_air(make.room(with_room), cast.oki)
    make.room(idle)
    VendorAccount.objects.filter(pk__in=[with_room.pk, idle.pk]).update(health=Health.UNREACHABLE)
    told = summary(cast.alpha.pk, 0)
    assert (counts(told), told.warns_of_accounts) == ((1, 0, 2, 0, False, ("With a room", "Idle")), False)
    make.hear(job, JobSays.ENDED)
    told = summary(cast.alpha.pk, 0)
    assert (counts(told), told.warns_of_accounts) == ((0, 0, 2, 0, False, ("With a room", "Idle")), True)


ON_AIR = {"state": "live"}
REFUSAL = {"code": "1", "happened": ["No.", "否。"], "todo": ["Look.", "看。"], "why": ""}
#: What a job's row says (times in seconds from now), how many sentences are unknown, and what the room's tile asks for.
TILES: dict[str, tuple[dict[str, Any], int, str]] = {
    "calm": (ON_AIR, 0, ""),
    "a sentence of unknown outcome": (ON_AIR, 1, "warn"),
    "two of them are still one room": (ON_AIR, 2, "warn"),
    "the picture comes back": ({**ON_AIR, "stream_link": "reconnecting"}, 0, "warn"),
    "no picture": ({**ON_AIR, "stream_link": "down"}, 0, "crit"),
    "no picture and an unknown sentence": ({**ON_AIR, "stream_link": "ended"}, 1, "crit"),
    "no picture yet, not on air": ({"state": "ready", "stream_link": "down"}, 0, ""),
    "no channel": ({**ON_AIR, "link": "down", "link_at": -11}, 0, "warn"),
    "no channel for a moment": ({**ON_AIR, "link": "down", "link_at": -9}, 0, ""),
    "no channel, opened in vain": ({**ON_AIR, "link": "connecting", "link_at": -11}, 0, "warn"),
    "the channel is opened for the first time": ({**ON_AIR, "link": "connecting", "link_at": None}, 0, ""),
    "no pong": ({**ON_AIR, "link": "stale", "link_at": -11}, 0, "warn"),
    "no channel, not on air": ({"state": "ready", "link": "down", "link_at": -11}, 0, ""),
    "a token that is not renewed": ({**ON_AIR, "rtc_ends_at": 110, "rtc_refused_at": -5}, 0, "warn"),
    "the same, shortly before its end": ({**ON_AIR, "rtc_ends_at": 20, "rtc_refused_at": -5}, 0, "crit"),
    "the vendor says that it has ended": ({**ON_AIR, "rtc_ends_at": 110, "rtc_expired_at": -5}, 0, "crit"),
    "refused to stop": ({"state": "stopping", "error": REFUSAL, "stop_requested_at": -1}, 0, "warn"),
    "refused something else": ({**ON_AIR, "error": REFUSAL}, 0, ""),
    "nobody knows": ({"state": "unknown"}, 1, "unknown"),
    "failed": ({"state": "failed", "ended_at": -3599}, 0, "crit"),
    "lost with an unknown sentence": ({"state": "lost", "ended_at": -60}, 1, "crit"),
    "failed long ago": ({"state": "failed", "ended_at": -3601}, 1, ""),
    "ended": ({"state": "ended", "ended_at": -60}, 1, ""),
}


@pytest.mark.parametrize("name", TILES)
def test_the_strip_counts_a_room_as_its_tile_shows_it(cast: Cast, manual_clock: ManualClock, name: str) -> None:
    relay()
    row, doubts, need = TILES[name]
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    for _ in range(doubts):
        make.unknown(job, cast.oki)
    now = clock.now()
    at = {column: now + timedelta(seconds=value) for column, value in row.items() if column.endswith("_at") and value}
    Job.objects.filter(pk=job.pk).update(**{**row, **at})
    room = Room.objects.select_related("account").get(pk=job.room_id)
    (one,) = facts.load([room], {room.pk: 7})
    assert tiles.why(one).need == need
    assert facts.load_one(room, 7) == one
    told = summary(cast.alpha.pk, 0)
    assert (told.warn, told.alarm) == (int(need == "warn"), int(need in ("crit", "unknown")))


def test_what_an_ended_job_left_is_in_no_count(cast: Cast) -> None:
    relay()
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    make.unknown(job, cast.oki)
    make.hear(job, JobSays.ENDED)
    assert counts(summary(cast.alpha.pk, 0)) == (0, 0, 0, 0, False, ())


@pytest.mark.parametrize(("alive_for_s", "leaving"), [(-1.0, False), (9.0, True)])
def test_a_relay_that_is_gone_or_going_counts_as_none(cast: Cast, alive_for_s: float, leaving: bool) -> None:
    relay(alive_for_s=alive_for_s, leaving=leaving)
    assert counts(summary(cast.alpha.pk, 0)) == (0, 0, 0, 1, True, ())


def desk_of(job: Job) -> facts.RoomFacts:
    return facts.load_desk(Room.objects.select_related("account", "team").get(pk=job.room_id), 3)


def test_the_desks_queue_is_the_last_three_ends_what_plays_and_what_waits(
    cast: Cast, manual_clock: ManualClock
) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    heard = (Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
    done = []
    for _ in range(4):
        done.append(make.happened(make.takeover(job, cast.oki), *heard, Kind.ITEM_FINISHED))
        manual_clock.advance(1)
    last = make.takeover(job, cast.oki)
    playing = make.happened(make.takeover(job, cast.oki), *heard)
    doubtful = make.unknown(job, cast.oki)
    first = make.takeover(job, cast.oki, mode=Mode.INSERT)
    shown = desk_of(job)
    assert list(shown.queue) == [*done[1:], playing, first, last, doubtful]
    assert (shown.seq, shown.playing, shown.unknown) == (3, playing, 1)
    assert facts.load([shown.room])[0].playing == playing


def test_the_script_is_heard_but_is_no_part_of_the_queue(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    script = job.takeovers.get(source="script", play_no=1)
    make.happened(script, Kind.ITEM_SENDING, Kind.ITEM_QUEUED, Kind.ITEM_STARTED)
    shown = desk_of(job)
    assert (shown.playing, shown.queue, shown.waiting, shown.person_speaks) == (script, (), (), False)


def test_after_the_end_only_what_stayed_unknown_is_shown_and_nobody_speaks(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    doubtful = make.unknown(job, cast.oki)
    make.hear(job, JobSays.ENDED)
    shown = desk_of(job)
    assert [item.pk for item in shown.queue] == [doubtful.pk]
    assert (shown.playing, shown.waiting, shown.unknown, shown.paragraph) == (None, (), 0, None)


def test_the_desk_and_the_wall_read_the_same_facts(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    make.takeover(job, cast.oki)
    make.unknown(job, cast.oki)
    Job.objects.filter(pk=job.pk).update(script_no=1)
    desk, wall = desk_of(job), facts.load([job.room])[0]
    names = ("air", "playing", "waiting", "unknown", "paragraph", "following", "evidence_from")
    assert [getattr(desk, name) for name in names] == [getattr(wall, name) for name in names]
    assert desk.paragraph is not None
    assert desk.following is not None
    assert (desk.paragraph.no, desk.following.no) == (1, 2)


def test_the_rate_is_of_the_last_ten_seconds(cast: Cast, manual_clock: ManualClock) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    make.comment(job, "太早了")
    manual_clock.advance(11)
    for _ in range(5):
        make.comment(job, "多少钱？")
    shown = comments.newest(job)
    assert [one.id for one in shown] == [event.pk for event in Event.objects.filter(kind=Kind.COMMENT).order_by("-id")]
    assert comments.tally_of(job, shown, clock.now()).rate == "0.5"


def test_in_a_flood_the_rate_is_over_what_was_read(
    cast: Cast, manual_clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten comments a second: the six that are read reach back less than a second, and count for one."""
    monkeypatch.setattr(comments, "COUNTED", 6)
    monkeypatch.setattr(comments, "SHOWN", 16)
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    for _ in range(20):
        manual_clock.advance(0.1)
        make.comment(job, "抢到了")
    assert comments.tally_of(job, comments.newest(job), clock.now()).rate == "10.7"  # sixteen in 1.5 s
    assert comments.tally(job, clock.now()).rate == "6"
    assert Event.objects.filter(kind=Kind.COMMENT).count() == 20


@pytest.mark.parametrize("script_no", [None, 1, 3])
@pytest.mark.parametrize("joined", [(), (1, 2)])
def test_one_room_is_read_as_among_others(
    cast: Cast, manual_clock: ManualClock, script_no: int | None, joined: tuple[int, ...]
) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    JobScriptItem.objects.filter(job=job).delete()
    JobScriptItem.objects.bulk_create(
        JobScriptItem(job=job, no=no, scene_no=1, text=f"第{no}段") for no in (1, 2, 3, 4)
    )
    if joined:
        play = make.happened(make.takeover(job, cast.oki), Kind.ITEM_SENDING, Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED)
        Takeover.objects.filter(pk=play.pk).update(source="script", first_no=joined[0], last_no=joined[1])
    Job.objects.filter(pk=job.pk).update(script_no=script_no)
    room = Room.objects.select_related("account").get(pk=job.room_id)
    (among_others,) = facts.load([room], {room.pk: 7})
    alone = facts.load_one(room, 7)
    assert alone == among_others
    assert (alone.paragraph, alone.following) == (among_others.paragraph, among_others.following)
