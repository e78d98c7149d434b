"""The browser's socket: true on hello, told of every fact, closed when a login ends, and never fed a backlog."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore

from dashboard.accounts import services as accounts
from dashboard.events import selectors
from dashboard.events.notices import Notice
from dashboard.events.record import raise_sequence
from dashboard.jobs.models import Job
from dashboard.lib.threads import in_thread
from dashboard.live.hub import frames
from dashboard.live.hub import hub as module
from dashboard.live.hub.client import Client, Told
from dashboard.live.hub.consumers import MOST_TOPICS, LiveConsumer
from dashboard.live.hub.frames import Variant
from dashboard.live.hub.hub import Hub, run_writer
from dashboard.live.hub.topic import Topic
from dashboard.vendors.port import JobSays
from tests import cast as make
from tests.cast import Cast, Person

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_S = 10.0


class Browser:
    """One page's socket; reads frames until the wanted one comes."""

    def __init__(self, socket: WebsocketCommunicator) -> None:
        self.socket = socket
        self.seen: list[dict[str, Any]] = []

    async def say(self, op: str, topics: Any, **more: str) -> None:
        await self.socket.send_json_to({"op": op, "topics": topics, **more})

    async def frame(self, kind: str, topic: str = "") -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame: dict[str, Any] = json.loads(await self.socket.receive_from(PATIENCE_S))
                self.seen.append(frame)
                if frame["t"] == kind and (not topic or frame.get("topic") == topic):
                    return frame

    async def until(self, told: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame: dict[str, Any] = json.loads(await self.socket.receive_from(PATIENCE_S))
                self.seen.append(frame)
                if told(frame):
                    return frame

    async def closed(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                output = await self.socket.receive_output(PATIENCE_S)
                if output["type"] == "websocket.close":
                    return int(output["code"])


Open = Callable[[Person | None], Awaitable[Browser]]


def new_session() -> SessionStore:
    session = SessionStore()
    session.create()
    return session


@pytest.fixture
async def browse(monkeypatch: pytest.MonkeyPatch, settings: Any) -> AsyncIterator[Open]:
    """Opens sockets on a hub of this test's own; all are closed at its end."""
    settings.HUB_TICK_EVERY_S = 0.4
    fresh = Hub()
    monkeypatch.setattr(module, "hub", fresh)
    monkeypatch.setattr("dashboard.live.hub.consumers.hub", fresh)
    opened: list[WebsocketCommunicator] = []

    async def browse_as(person: Person | None) -> Browser:
        socket = WebsocketCommunicator(LiveConsumer.as_asgi(), "/ws/live")
        socket.scope["user"] = person.user if person else AnonymousUser()
        socket.scope["session"] = await in_thread(new_session)
        opened.append(socket)
        accepted, _ = await socket.connect()
        assert accepted
        return Browser(socket)

    yield browse_as
    for socket in opened:
        await socket.disconnect()
    assert fresh._clients == set()
    assert fresh._topics == {}
    assert fresh._tasks == []  # nobody looks: nothing runs
    if fresh._flushing is not None:
        await fresh._flushing  # ends by itself


@pytest.fixture
def job(cast: Cast) -> Job:
    return make.on_air(make.room(make.account(cast.alpha)), cast.oki)


def test_a_hub_outlives_the_loop_that_it_worked_in(cast: Cast) -> None:
    """As under a server that starts anew in its process: who comes then is told, as before."""
    hub = Hub()
    for _ in range(2):
        asyncio.run(come_and_go(hub, cast.oki))


async def come_and_go(hub: Hub, person: Person) -> None:
    client = Client(person.user.pk, "s", 1, frozenset(), lambda _code: None, Variant("wall", "en"))
    hub.add(client)
    assert hub._flushing is not None
    await asyncio.wait([hub._flushing], timeout=0.01)
    assert not hub._flushing.done(), hub._flushing.exception()
    hub.remove(client)


async def seq_of(topic: str) -> int:
    return (await in_thread(selectors.sequences, [topic]))[topic]


# ------------------------------------------------------------------------------------------------------------ greeting


async def test_hello_from_an_old_page_makes_it_true_again(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    await browser.say("hello", {job.topic: 0}, view="desk", language="en")
    frame = await browser.frame("state", job.topic)
    assert frame["seq"] == await seq_of(job.topic)
    assert {f"room-bar-{job.room_id}", f"queue-{job.room_id}", f"now-{job.room_id}"} <= set(frame["regions"])
    assert "content" not in frame


async def test_hello_from_a_page_of_now_tells_nothing_but_the_tick(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    await browser.say("hello", {job.topic: await seq_of(job.topic)}, view="desk", language="en")
    tick = await browser.frame("tick")
    assert [frame["t"] for frame in browser.seen] == ["tick"]
    assert tick["now"] > 0
    assert set(tick) == {"t", "now", "fresh"}


async def test_a_fact_arrives_as_the_changed_state(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    await browser.say("hello", {job.topic: await seq_of(job.topic)}, view="desk", language="en")
    await browser.frame("tick")
    await in_thread(make.hear, job, JobSays.PAUSED)
    frame = await browser.frame("state", job.topic)
    assert frame["seq"] == await seq_of(job.topic)
    assert "PAUSED" in frame["regions"][f"room-bar-{job.room_id}"]


async def test_each_language_gets_its_own_words(job: Job, cast: Cast, browse: Open) -> None:
    english, chinese = await browse(cast.vic), await browse(cast.ada)
    seq = await seq_of(job.topic)
    await english.say("hello", {job.topic: seq}, view="wall", language="en")
    await chinese.say("hello", {job.topic: seq}, view="wall", language="zh-hans")
    for browser in (english, chinese):
        await browser.frame("tick")
    await in_thread(make.hear, job, JobSays.PAUSED)
    tiles = [(await browser.frame("state", job.topic))["regions"] for browser in (english, chinese)]
    assert [set(regions) for regions in tiles] == [{f"tile-{job.room_id}"}] * 2
    assert tiles[0] != tiles[1]


async def test_comments_arrive_as_rows_of_the_feed(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    await browser.say("hello", {job.topic: await seq_of(job.topic)}, view="desk", language="en")
    await browser.frame("tick")
    await in_thread(make.comment, job, "<b>多少钱？</b>")
    frame = await browser.frame("feed", job.topic)
    assert frame["region"] == f"feed-{job.room_id}"
    assert len(frame["rows"]) == 1
    assert "&lt;b&gt;多少钱？&lt;/b&gt;" in frame["rows"][0]


async def test_what_the_audience_moves_comes_without_the_rest(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    await browser.say("hello", {job.topic: await seq_of(job.topic)}, view="desk", language="en")
    await browser.frame("tick")
    await in_thread(make.comment, job, "好看")
    frame = await browser.frame("state", job.topic)
    number = job.room_id
    assert set(frame["regions"]) == {f"tally-{number}", f"viewers-{number}", f"asked-head-{number}"}


def test_an_inner_region_is_new_again_after_the_region_around_it_came(job: Job) -> None:
    """Else a number that went up inside its tile and back by itself would stay up on the page."""
    wall, sent = Variant("wall", "en"), {}
    stats, tile = f"stats-{job.room_id}", f"tile-{job.room_id}"
    inner, around = {stats: f'<p id="{stats}">100</p>'}, {tile: f'<li><p id="{stats}">101</p></li>'}
    made = [frames._changed(regions, wall, sent)[0] for regions in (inner, inner, around, inner)]
    assert made == [inner, {}, around, inner]


def test_numbers_that_come_to_rest_change_no_list(cast: Cast) -> None:
    """Else all browsers of the team would fetch their page, each time that somebody opens one."""
    variants = [Variant(view, "en") for view in ("wall", "rooms", "jobs", "takeovers")]
    topic = f"team:{cast.alpha.pk}"
    rested = frames.flush(topic, 0, variants, {}, frames.Due(counters=True, owed=True))
    assert rested.frames == {variant: [] for variant in variants}


async def test_what_is_told_each_second_can_wait_for_it_and_a_state_cannot(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    await browser.say("hello", {job.topic: await seq_of(job.topic)}, view="wall", language="en")
    await browser.frame("tick")
    await in_thread(make.hear, job, JobSays.PAUSED)
    state = await browser.frame("state", job.topic)
    await in_thread(make.comment, job, "好看")
    numbers = await browser.until(lambda frame: f"stats-{job.room_id}" in frame.get("regions", {}))
    await in_thread(make.hear, job, JobSays.PAUSED)  # once more: nothing is new but how old it is
    age = await browser.until(lambda frame: frame["t"] == "state" and f"tile-{job.room_id}" in frame["regions"])
    told = [set(frame["regions"]) for frame in (state, numbers, age)]
    assert told == [{f"tile-{job.room_id}"}, {f"stats-{job.room_id}"}, {f"tile-{job.room_id}"}]
    assert [frame.get("each_second", False) for frame in (state, numbers, age)] == [False, True, True]


async def test_a_wall_gets_no_feed(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    await browser.say("hello", {job.topic: await seq_of(job.topic)}, view="wall", language="en")
    await browser.frame("tick")
    await in_thread(make.comment, job, "hi")
    await in_thread(make.hear, job, JobSays.PAUSED)
    await browser.until(lambda frame: frame["t"] == "state" and "PAUSED" in str(frame["regions"]))
    assert not [frame for frame in browser.seen if frame["t"] == "feed"]


async def test_a_page_that_was_away_catches_up_with_state_and_rows(job: Job, cast: Cast, browse: Open) -> None:
    since = await seq_of(job.topic)
    for number in range(3):
        await in_thread(make.comment, job, f"away {number}")
    await in_thread(make.hear, job, JobSays.PAUSED)
    browser = await browse(cast.vic)
    await browser.say("hello", {job.topic: since}, view="desk", language="en")
    feed, state = await browser.frame("feed", job.topic), await browser.frame("state", job.topic)
    assert "PAUSED" in state["regions"][f"room-bar-{job.room_id}"]
    assert (feed.get("more"), state.get("more")) == (True, None)  # a socket that breaks between them lost neither
    assert [f"away {number}" in row for number, row in enumerate(feed["rows"])] == [True] * 3
    assert state["seq"] == feed["seq"] == await seq_of(job.topic)


async def test_a_page_that_was_away_for_long_fetches_its_feed_anew(
    job: Job, cast: Cast, browse: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "LONGEST_CATCH_UP", 2)
    since = await seq_of(job.topic)
    for number in range(3):
        await in_thread(make.comment, job, f"away {number}")
    browser = await browse(cast.vic)
    await browser.say("hello", {job.topic: since}, view="desk", language="en")
    assert (await browser.frame("reload", job.topic))["region"] == f"feed-{job.room_id}"


async def test_a_lost_notice_costs_a_second(
    job: Job, cast: Cast, browse: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await browse(cast.vic)
    await browser.say("hello", {job.topic: await seq_of(job.topic)}, view="desk", language="en")
    await browser.frame("tick")
    monkeypatch.setattr("dashboard.events.notices._publish", lambda notices: None)
    await in_thread(make.hear, job, JobSays.PAUSED)
    frame = await browser.frame("state", job.topic)
    assert frame["seq"] == await seq_of(job.topic)


async def test_who_left_a_topic_hears_no_more_of_it(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    seq = await seq_of(job.topic)
    await browser.say("hello", {job.topic: seq}, view="desk", language="en")
    await browser.say("unsub", {job.topic: 0})
    await browser.frame("tick")
    await in_thread(make.hear, job, JobSays.PAUSED)
    await browser.frame("tick")
    await browser.frame("tick")
    assert {frame["t"] for frame in browser.seen} == {"tick"}


async def test_the_strip_of_the_team_is_told_to_whoever_comes(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    topic = f"team:{cast.alpha.pk}"
    await browser.say("hello", {topic: await seq_of(topic)}, view="desk", language="en")
    assert "team-summary" in (await browser.frame("state", topic))["regions"]


# ---------------------------------------------------------------------------------------------------------- permission


async def test_a_foreign_topic_is_denied_and_its_facts_stay_away(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.zoe)
    foreign = [job.topic, f"account:{job.account_id}", f"team:{cast.alpha.pk}", "room:424242", "nonsense", "room:x"]
    await browser.say("hello", dict.fromkeys(foreign, 0), view="desk", language="en")
    denied = {(await browser.frame("denied"))["topic"] for _ in foreign}
    assert denied == set(foreign)
    await in_thread(make.hear, job, JobSays.PAUSED)
    await browser.frame("tick")
    await browser.frame("tick")
    assert {frame["t"] for frame in browser.seen} == {"denied", "tick"}


async def test_newcomers_of_one_moment_are_greeted_with_one_text(
    job: Job, cast: Cast, browse: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A console that restarts is asked by all its browsers at once."""
    made: list[int] = []
    current = frames.current

    def counted(topic: str, since: int, variant: Variant) -> tuple[int, list[str]]:
        made.append(since)
        return current(topic, since, variant)

    monkeypatch.setattr(frames, "current", counted)
    monkeypatch.setattr("dashboard.live.hub.topic.GREETING_S", 60.0)
    seen = []
    for person in (cast.vic, cast.oki, cast.ada):
        browser = await browse(person)
        await browser.say("hello", {job.topic: 0}, view="wall", language="en")
        seen.append(await browser.frame("state", job.topic))
    assert len(made) == 1
    assert seen[0] == seen[1] == seen[2]
    await in_thread(make.hear, job, JobSays.PAUSED)
    await browser.until(lambda frame: frame["t"] == "state" and "PAUSED" in str(frame["regions"]))
    late = await browse(cast.pia)
    await late.say("hello", {job.topic: 0}, view="wall", language="en")
    assert "PAUSED" in str((await late.frame("state", job.topic))["regions"])  # a flush ends what was kept
    known = await browse(cast.vic)
    await known.say("hello", {job.topic: await seq_of(job.topic)}, view="wall", language="en")
    await known.frame("tick")
    assert {frame["t"] for frame in known.seen} == {"tick"}  # what this page has already is not told again


async def test_nobody_is_closed_with_4401(browse: Open) -> None:
    assert await (await browse(None)).closed() == 4401


async def test_a_person_who_was_switched_off_is_closed_with_4401(cast: Cast, browse: Open) -> None:
    await in_thread(type(cast.vic.user).objects.filter(pk=cast.vic.user.pk).update, is_active=False)
    assert await (await browse(cast.vic)).closed() == 4401


async def test_a_changed_role_closes_with_4403(job: Job, cast: Cast, browse: Open) -> None:
    vic, oki = await browse(cast.vic), await browse(cast.oki)
    for browser in (vic, oki):
        await browser.say("hello", {job.topic: 0}, view="desk", language="en")
        await browser.frame("state", job.topic)
    await in_thread(accounts.change_role, member=cast.vic.member, role="operator", actor=cast.ada.actor)
    assert await vic.closed() == 4403
    await in_thread(make.hear, job, JobSays.PAUSED)
    await oki.until(lambda frame: frame["t"] == "state" and "PAUSED" in str(frame["regions"]))


async def test_a_sign_out_closes_with_4401(cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    session = browser.socket.scope["session"]
    await in_thread(session.flush)
    assert await browser.closed() == 4401


# ------------------------------------------------------------------------------------------------------------ nonsense


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "[]",
        "{}",
        '{"op": "say", "topics": {}}',
        '{"op": "hello", "topics": {"room:1": "x"}}',
        '{"op": "hello", "topics": ["room:1"]}',
        '{"op": "hello", "topics": {}, "more": 1}',
        json.dumps({"op": "hello", "topics": {f"room:{number}": 0 for number in range(MOST_TOPICS + 1)}}),
        "[" * 5_000,
    ],
)
async def test_nonsense_closes_with_4400(cast: Cast, browse: Open, text: str) -> None:
    browser = await browse(cast.vic)
    await browser.socket.send_to(text_data=text)
    assert await browser.closed() == 4400


async def test_bytes_are_nonsense_too(cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    await browser.socket.send_to(bytes_data=b"\x00\x01")
    assert await browser.closed() == 4400


async def test_topics_add_up_to_a_limit(cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    rooms = await in_thread(lambda: [make.room(make.account(cast.alpha)).topic])
    await browser.say("hello", dict.fromkeys(rooms, 0), view="wall", language="en")
    await browser.frame("state", rooms[0])
    await browser.say("sub", {f"room:{number}": 0 for number in range(500_000, 500_000 + MOST_TOPICS)})
    assert await browser.closed() == 4400


async def test_an_unknown_view_or_language_is_the_plainest(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    await browser.say("hello", {job.topic: 0}, view="<b>", language="xx")
    assert (await browser.frame("state", job.topic))["regions"] == {}


# ------------------------------------------------------------------------------------------------------ a slow browser


class Slow:
    """A browser that takes one text at a time, when the test says so."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.may = asyncio.Semaphore(0)

    async def send(self, text: str) -> None:
        await self.may.acquire()
        self.got.append(text)

    async def take(self, texts: int) -> None:
        for _ in range(texts):
            self.may.release()
        wanted = len(self.got) + texts
        async with asyncio.timeout(PATIENCE_S):
            while len(self.got) < wanted:  # noqa: ASYNC110  counts what a foreign task did
                await asyncio.sleep(0.001)


def client_of(cast: Cast, variant: Variant) -> Client:
    return Client(
        user_id=cast.vic.user.pk,
        session_key="s",
        access_epoch=0,
        teams=frozenset({cast.alpha.pk}),
        close=lambda code: None,
        variant=variant,
    )


def state(topic: str, seq: int, **regions: str) -> Told:
    return Told(frames.encode({"t": "state", "topic": topic, "seq": seq, "regions": regions, "gone": []}))


async def test_a_browser_that_takes_too_long_gets_the_newest_of_each_region(cast: Cast) -> None:
    """Also on a server that takes no frames: there the text being sent holds up the others, and nobody else."""
    slow, client = Slow(), client_of(cast, Variant("wall", "en"))
    writer = asyncio.create_task(run_writer(client, slow.send))
    for number in range(1, 100):
        client.push(state("room:1", number, now=f"paragraph {number}"))
        client.push(state("room:2", number, now=f"of two {number}"))
    await slow.take(2)
    assert [json.loads(text)["regions"] for text in slow.got] == [{"now": "paragraph 99"}, {"now": "of two 99"}]
    assert [json.loads(text)["seq"] for text in slow.got] == [99, 99]
    client.push(state("room:1", 100, now="next"))
    await slow.take(1)
    assert json.loads(slow.got[-1])["seq"] == 100
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)


async def test_facts_that_never_pause_put_nothing_off(job: Job) -> None:
    """Each of them comes before the time in which its twin may come is over."""
    hub, topic = Hub(), Topic(job.topic, cursor=0)
    hub._topics[job.topic] = topic
    hub._on_notice(Notice(job.topic, 1))
    planned = topic.timer_at
    for number in range(2, 20):
        await asyncio.sleep(0)
        hub._on_notice(Notice(job.topic, number))
    assert topic.timer_at == planned
    topic.forget_timer()


def test_a_number_raised_without_an_event_is_a_change_beside_comments_too(job: Job) -> None:
    """Whoever raised it changed a row: a comment in the same flush must not pass for all that happened."""
    since = selectors.sequences([job.topic])[job.topic]
    make.comment(job, "多少钱")
    raise_sequence(job.topic)
    flushed = frames.flush(job.topic, since, [Variant("desk", "en")], {}, frames.Due(counters=False))
    (state,) = [one for one in map(json.loads, flushed.frames[Variant("desk", "en")]) if one["t"] == "state"]
    assert f"queue-{job.room_id}" in state["regions"]


async def test_numbers_that_are_owed_are_shown_though_a_flush_failed(job: Job) -> None:
    variant = Variant("wall", "en")
    hub, topic = Hub(), Topic(job.topic, {variant: {object()}}, cursor=99, told=99, owes_counters=True)  # type: ignore[arg-type]
    hub._topics[job.topic] = topic
    await hub._heal()
    assert topic.timer is not None
    topic.forget_timer()


def test_what_looks_as_before_is_not_told(job: Job) -> None:
    """A page that knows less than it shows asks for a little more when it comes back; nothing else comes of it."""
    since, wall = selectors.sequences([job.topic])[job.topic], Variant("wall", "en")
    make.comment(job, "多少钱")
    shown = frames.flush(job.topic, since, [wall], {}, frames.Due())
    assert len(shown.frames[wall]) == 1
    again = frames.flush(job.topic, since, [wall], shown.sent, frames.Due())
    assert (again.frames[wall], again.has_counters) == ([], True)


async def test_who_is_greeted_keeps_no_other_topic_waiting(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    other = await in_thread(lambda: make.on_air(make.room(make.account(cast.alpha, name="Second")), cast.oki))
    known = {topic: await seq_of(topic) for topic in (job.topic, other.topic)}
    await browser.say("hello", known, view="wall", language="en")
    async with asyncio.timeout(PATIENCE_S):
        while not known.keys() <= module.hub._topics.keys():  # a tick may come before the greeting was read
            await browser.frame("tick")
    async with module.hub._topics[job.topic].lock:
        await in_thread(make.hear, job, JobSays.PAUSED)
        await in_thread(make.hear, other, JobSays.PAUSED)
        await browser.frame("state", other.topic)
    module.hub._called.set()
    await browser.frame("state", job.topic)


async def test_what_is_told_during_the_first_greeting_is_flushed_after_it(
    job: Job, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, client, current = Hub(), client_of(cast, Variant("wall", "en")), frames.current

    def told_meanwhile(topic: str, since: int, variant: Variant) -> tuple[int, list[str]]:
        found = current(topic, since, variant)
        raise_sequence(topic)
        hub._topics[topic].tell(found[0] + 1, is_urgent=True)
        return found

    monkeypatch.setattr(frames, "current", told_meanwhile)
    await hub.subscribe(client, {job.topic: 0})
    topic = hub._topics[job.topic]
    assert topic.timer is not None
    topic.forget_timer()


async def test_many_facts_of_one_instant_are_few_frames(job: Job, cast: Cast, browse: Open) -> None:
    browser = await browse(cast.vic)
    await browser.say("hello", {job.topic: await seq_of(job.topic)}, view="wall", language="en")
    await browser.frame("tick")

    def burst() -> None:
        for _ in range(50):
            raise_sequence(job.topic)
        make.hear(job, JobSays.PAUSED)

    await in_thread(burst)
    last = await seq_of(job.topic)
    await browser.until(lambda frame: frame["t"] == "state" and frame["seq"] == last)
    assert len([frame for frame in browser.seen if frame["t"] == "state"]) < 25
