"""What `/metrics` answers: what this process counted, and what the database knows of the whole installation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings
from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from dashboard.jobs.states import Link, StreamLink
from dashboard.lib import clock, metrics
from dashboard.live import exchange
from dashboard.live.hub.hub import hub
from dashboard.live.seeing import figures
from dashboard.live.seeing.figures import LANES, WAITING, Figures
from dashboard.live.seeing.look import Look, NoAnswer
from dashboard.takeover.states import TERMINAL, TakeoverState

#: More relays than this are summed up as "others": names of relays are new with each start.
MOST_RELAYS = 32

Values = dict[tuple[str, ...], float]
_look = Look(figures.read)


async def exposition() -> bytes:
    """Prometheus' text format; without the database's part, and with talkback_database_up 0, where it is silent."""
    try:
        found, _ = await _look.now()
    except NoAnswer:
        found = None
    return generate_latest(metrics.REGISTRY) + generate_latest(Collected([*_here(found), *_of_database(found)]))


class Collected:
    """Families that were made for one answer."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> list[Metric]:
        return self._families


def _gauge(name: str, what: str, values: Values, labels: Iterable[str] = ()) -> Metric:
    family = GaugeMetricFamily(f"talkback_{name}", what, labels=list(labels))
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family


def _here(found: Figures | None) -> Iterator[Metric]:
    browsers, topics = hub.counts()
    yield _gauge("build_info", "The version that runs.", {(settings.VERSION,): 1.0}, ["version"])
    yield _gauge("hub_clients", "Browsers connected to this process.", {(): browsers})
    yield _gauge("hub_topics", "Topics that they follow.", {(): topics})
    yield _gauge("database_up", "1 where the database answered within a second.", {(): float(found is not None)})
    if (heard_at := exchange.heard_at()) is not None:
        age_s = clock.monotonic() - heard_at
        yield _gauge("layer_age_seconds", "Since this process last heard anything by the channel layer.", {(): age_s})


def _of_database(found: Figures | None) -> Iterator[Metric]:
    if found is None:
        return
    waiting: Values = {(lane, str(state)): 0.0 for lane in LANES for state in WAITING}
    waiting |= {key: float(depth.number) for key, depth in found.outbox.items()}
    yield _gauge("outbox_commands", "Commands that wait or are on their way.", waiting, ["lane", "state"])
    ready = [depth for (_, state), depth in found.outbox.items() if state == WAITING[0]]
    yield _gauge("outbox_oldest_seconds", "How long the oldest waits.", {(): figures.oldest_wait_s(ready)})
    yield _gauge("links", "Open jobs by the state of our own line.", _links(found, 0, Link), ["state"])
    yield _gauge("streams", "Open jobs by the state of the picture.", _links(found, 1, StreamLink), ["state"])
    states: Values = {
        (str(state),): float(found.items.get(state, 0)) for state in TakeoverState if state not in TERMINAL
    }
    yield _gauge("takeovers", "Takeovers that have not ended.", states, ["state"])
    yield from _owners(found)


def _links(found: Figures, part: int, states: type[Link] | type[StreamLink]) -> Values:
    counts: Values = {(str(state),): 0.0 for state in states}
    for key, number in found.links.items():
        counts[key[part],] = counts.get((key[part],), 0.0) + number
    return counts


def _owners(found: Figures) -> Iterator[Metric]:
    jobs: Values = {("nobody",): found.unkept[0]}
    accounts: Values = {("nobody",): found.unkept[1]}
    beats: Values = {}
    for number, keeper in enumerate(found.keepers):
        key = (keeper.relay.name if number < MOST_RELAYS else "others",)
        jobs[key] = jobs.get(key, 0.0) + keeper.jobs
        accounts[key] = accounts.get(key, 0.0) + keeper.accounts
        beats[key] = float(keeper.relay.beat)
    yield _gauge("relay_jobs", "Open jobs that a relay keeps.", jobs, ["relay"])
    yield _gauge("relay_accounts", "Vendor accounts that a relay keeps.", accounts, ["relay"])
    yield _gauge("relay_beat", "Rises every 3 s while the relay lives.", beats, ["relay"])
