"""/healthz, /readyz and /metrics as a prober meets them: whole, stopped, hanging, forged."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from dashboard.jobs.models import Job
from dashboard.lib import clock, metrics
from dashboard.live import exchange
from dashboard.live.models import Process, ProcessKind
from dashboard.live.relay import leases
from dashboard.live.seeing import exposition, figures, health
from dashboard.live.seeing.door import Door
from dashboard.live.seeing.look import Look
from dashboard.takeover.models import Takeover
from dashboard.vendors.models import Command, Relay
from tests import cast as make
from tests.cast import WORDS, make_cast

pytestmark = pytest.mark.django_db(transaction=True)

HERE, ELSEWHERE = ("127.0.0.1", 5000), ("192.0.2.7", 5000)
TOKEN = "scrape-7f3a"


@pytest.fixture(autouse=True)
def no_answer_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition, "_look", Look(figures.read))


async def ask(path: str, *, client: tuple[str, int] = HERE, method: str = "GET", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    transport = httpx.ASGITransport(app=Door(), client=client)
    async with httpx.AsyncClient(transport=transport, base_url="http://any-name-at-all") as browser:
        return await browser.request(method, path, headers=named)


def living(name: str = "relay-a") -> Relay:
    relay = leases.register(name)
    leases.beat(name)
    return relay


# ------------------------------------------------------------------------------------------------------------- health


async def test_a_process_that_answers_is_healthy_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_read", broken)
    answer = await ask("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["checks"]["process"]["age_s"] >= 0
    assert answer.headers["cache-control"] == "no-store"


def broken() -> Any:
    raise OperationalError('connection to server at "10.0.0.5", user "talkback" failed: password is secret-pw')


async def test_only_reading_is_answered() -> None:
    answers = [await ask(path, method="POST") for path in ("/healthz", "/readyz", "/metrics")]
    assert [answer.status_code for answer in answers] == [405, 405, 405]
    head = await ask("/healthz", method="HEAD")
    assert (head.status_code, head.content) == (200, b"")


async def test_what_is_not_ours_is_the_inner_apps() -> None:
    heard: list[str] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        heard.append(scope["path"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=Door(inner)), base_url="http://x") as browser:
        statuses = [(await browser.get(path)).status_code for path in ("/healthz", "/healthz/", "/t/alpha/wall")]
    assert (statuses, heard) == ([200, 204, 204], ["/healthz/", "/t/alpha/wall"])
    assert (await ask("/anything")).status_code == 404


# ----------------------------------------------------------------------------------------------------------- readiness


@pytest.fixture(autouse=True)
def no_layer(settings: Any) -> None:
    """Also where the tests themselves have one."""
    settings.REDIS_URL = ""


async def ready(query: str = "") -> tuple[int, dict[str, bool]]:
    answer = await ask("/readyz" + query)
    return answer.status_code, {name: check["ok"] for name, check in answer.json()["checks"].items()}


async def test_ready_with_a_database_and_a_relay_that_beats() -> None:
    await asyncio.to_thread(living)
    answer = await ask("/readyz")
    assert answer.status_code == 200
    told = answer.json()
    assert told["status"] == "ready"
    assert set(told["checks"]) == {"database", "relays"}
    assert all(set(check) == {"ok", "age_s", "says"} and check["says"] for check in told["checks"].values())
    assert told["checks"]["relays"]["age_s"] < 1.0


async def test_not_ready_where_no_relay_beats() -> None:
    assert await ready() == (503, {"database": True, "relays": False})
    await asyncio.to_thread(living)
    long_ago = clock.now() - timedelta(seconds=60)
    await asyncio.to_thread(lambda: Relay.objects.update(alive_until=long_ago))
    assert await ready() == (503, {"database": True, "relays": False})
    assert await ready("?only=database") == (200, {"database": True})


async def test_a_relay_whose_clock_is_behind_lives_while_it_beats() -> None:
    readiness = health.Readiness()
    readiness._look = Look(health._read, keep_s=0.0)
    relay = await asyncio.to_thread(living)
    behind = clock.now() - timedelta(minutes=5)
    await asyncio.to_thread(lambda: Relay.objects.update(alive_until=behind))
    assert not (await readiness.checks())["relays"].ok  # at first sight its own clock is all there is
    await asyncio.to_thread(lambda: Relay.objects.update(beat=relay.beat + 7))
    assert (await readiness.checks())["relays"].ok


async def test_a_silent_worker_is_said_where_one_was_known() -> None:
    await asyncio.to_thread(living)
    assert "worker" not in (await ready())[1]
    now = clock.now()
    row = await asyncio.to_thread(
        lambda: Process.objects.create(
            name="w", kind=ProcessKind.WORKER, host="h", process=1, version="1", started_at=now, beat_at=now
        )
    )
    assert (await ready())[1]["worker"]
    row.beat_at = now - timedelta(minutes=2)
    await asyncio.to_thread(row.save)
    assert await ready() == (503, {"database": True, "relays": True, "worker": False})


async def test_a_silent_layer_is_said_where_one_is_set(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await asyncio.to_thread(living)
    settings.REDIS_URL = "redis://:pass-of-redis@10.0.0.6:6379/0"
    assert await ready() == (503, {"layer": False, "database": True, "relays": True})
    monkeypatch.setattr(exchange, "heard_at", lambda: clock.monotonic() - 1.0)
    assert (await ready())[0] == 200
    monkeypatch.setattr(exchange, "heard_at", lambda: clock.monotonic() - 7.0)
    answer = await ask("/readyz?only=layer")
    assert (answer.status_code, set(answer.json()["checks"])) == (503, {"layer"})
    assert "pass-of-redis" not in answer.text


async def test_a_database_that_fails_is_said_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_read", broken)
    answer = await ask("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"]["says"] == "The database does not answer."
    for secret in ("10.0.0.5", "talkback", "secret-pw", "OperationalError"):
        assert secret not in answer.text


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """The database takes the question and never answers; how many such questions there are."""
    answers, asked = threading.Event(), [0]

    def hang() -> Any:
        asked[0] += 1
        answers.wait(60)
        return health.Rows([], [])

    monkeypatch.setattr(health, "_read", hang)
    yield lambda: asked[0]
    answers.set()


async def test_a_hanging_database_hangs_neither_probe_and_takes_one_thread(hanging: Callable[[], int]) -> None:
    door = Door()
    transport = httpx.ASGITransport(app=door, client=HERE)
    async with asyncio.timeout(8), httpx.AsyncClient(transport=transport, base_url="http://x") as browser:
        answers = await asyncio.gather(*(browser.get("/readyz") for _ in range(10)))
        answers.append(await browser.get("/readyz"))
        assert (await browser.get("/healthz")).status_code == 200
    assert {answer.status_code for answer in answers} == {503}
    assert answers[-1].json()["checks"]["database"]["age_s"] > 0.5
    assert hanging() == 1


async def test_an_unknown_check_is_refused() -> None:
    assert (await ask("/readyz?only=secrets")).status_code == 400


# ------------------------------------------------------------------------------------------------- who may see figures


async def test_without_a_token_this_machine_alone_reads_figures(settings: Any) -> None:
    assert (await ask("/metrics")).status_code == 200
    assert (await ask("/metrics", client=("::1", 1))).status_code == 200
    assert (await ask("/metrics", client=ELSEWHERE)).status_code == 403
    for header in ("x_forwarded_for", "x_forwarded_proto", "forwarded", "x_real_ip", "via"):
        assert (await ask("/metrics", **{header: "127.0.0.1"})).status_code == 403, header
    settings.BEHIND_PROXY = True
    assert (await ask("/metrics")).status_code == 403


async def test_with_a_token_whoever_bears_it_reads_figures(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    for given in ("", f"bearer {TOKEN}", f"Bearer {TOKEN} ", f"Bearer {TOKEN}x", TOKEN, "Basic Og=="):
        answer = await ask("/metrics", authorization=given)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="metrics"'), given
        assert b"talkback_" not in answer.content
    answer = await ask("/metrics", client=ELSEWHERE, authorization=f"Bearer {TOKEN}")
    assert answer.status_code == 200


# ------------------------------------------------------------------------------------------------------------- figures


async def scraped() -> dict[str, dict[tuple[str, ...], float]]:
    """Sample → values of its labels → value."""
    text = (await ask("/metrics")).text
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


async def test_figures_of_the_database() -> None:
    def set_up() -> tuple[int, int, int]:
        cast = make_cast()
        job = make.on_air(make.room(make.account(cast.alpha), code="K7Q"), cast.oki)
        make.takeover(job, cast.oki)
        Job.objects.filter(pk=job.pk).update(owner=living("relay-a").name)
        ready = Command.objects.filter(state="ready")
        return ready.count(), ready.filter(lane__endswith=":speak").count(), Takeover.objects.count()

    waiting, speaking, items = await asyncio.to_thread(set_up)
    assert waiting > speaking > 0
    found = await scraped()
    assert found["talkback_database_up"] == {(): 1.0}
    assert found["talkback_relay_jobs"] == {("nobody",): 0.0, ("relay-a",): 1.0}
    assert found["talkback_relay_accounts"] == {("nobody",): 1.0, ("relay-a",): 0.0}
    depths = found["talkback_outbox_commands"]
    assert depths["speak", "ready"] == speaking
    assert sum(depths.values()) == waiting
    assert set(depths) == {(lane, state) for lane in figures.LANES for state in figures.WAITING}
    assert sum(found["talkback_links"].values()) == sum(found["talkback_streams"].values()) == 1.0
    assert sum(found["talkback_takeovers"].values()) == items
    assert found["talkback_hub_clients"] == {(): 0.0}


async def test_figures_go_on_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition, "_look", Look(broken))
    found = await scraped()
    assert found["talkback_database_up"] == {(): 0.0}
    assert "talkback_outbox_commands" not in found
    assert "talkback_stage_seconds_count" in found


async def test_more_rooms_and_sentences_are_no_more_series(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = await asyncio.to_thread(make_cast)

    def crowd(codes: str) -> None:
        account = make.account(cast.alpha, name=f"Account of {codes}")
        for code in codes.split():
            make.takeover(make.on_air(make.room(account, code=code), cast.oki), cast.oki)

    await asyncio.to_thread(crowd, "K7Q M2D")
    before = {name: set(values) for name, values in (await scraped()).items()}
    await asyncio.to_thread(crowd, "B7J D3H P9X")
    monkeypatch.setattr(exposition, "_look", Look(figures.read))
    text = (await ask("/metrics")).text
    after = {name: set(values) for name, values in (await scraped()).items()}
    ours = {name for name in after if name.startswith("talkback_")}
    assert {name: after[name] - before[name] for name in ours if after[name] != before[name]} == {}
    items = await asyncio.to_thread(lambda: list(Takeover.objects.values_list("trace_id", flat=True)))
    for told in ("alpha", "K7Q", "P9X", "Account of", WORDS, *items):
        assert told not in re.sub(r"^#.*$", "", text, flags=re.MULTILINE), told


async def test_many_relays_are_summed_up() -> None:
    def set_up() -> None:
        for number in range(exposition.MOST_RELAYS + 5):
            leases.register(f"relay-{number}")

    await asyncio.to_thread(set_up)
    assert len((await scraped())["talkback_relay_jobs"]) == exposition.MOST_RELAYS + 2


async def test_a_scrape_takes_seven_queries_at_most(django_assert_max_num_queries: Any) -> None:
    def count() -> None:
        with django_assert_max_num_queries(7):
            figures.read()

    await asyncio.to_thread(count)


async def test_a_second_scrape_within_a_second_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def read() -> Any:
        asked.append(1)
        return figures.Figures([], (0, 0))

    monkeypatch.setattr(exposition, "_look", Look(read))
    await ask("/metrics")
    await ask("/metrics")
    assert len(asked) == 1


def test_a_stage_is_never_shorter_than_nothing() -> None:
    """Two machines' clocks may differ by minutes."""
    before = metrics.REGISTRY.get_sample_value("talkback_stage_seconds_sum", {"stage": "accepted_to_heard"}) or 0.0
    metrics.took(metrics.Stage.ACCEPTED_HEARD, -300.0)
    assert metrics.REGISTRY.get_sample_value("talkback_stage_seconds_sum", {"stage": "accepted_to_heard"}) == before


def test_recent_calls_are_those_of_five_minutes(manual_clock: clock.ManualClock) -> None:
    recent = metrics.Recent()
    recent.count("softsugar", "accepted")
    manual_clock.advance(200)
    recent.count("softsugar", "unknown")
    assert recent.totals() == {("softsugar", "accepted"): 1, ("softsugar", "unknown"): 1}
    manual_clock.advance(150)
    assert recent.totals() == {("softsugar", "unknown"): 1}
