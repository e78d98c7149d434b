"""The status page: what runs, what waits and what fails, each figure with who says so and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.accounts.models import Team
from dashboard.jobs.states import Link, StreamLink
from dashboard.lib import clock, shapes
from dashboard.live.models import Process, ProcessKind
from dashboard.live.seeing import figures, reports
from dashboard.live.seeing.beats import Beat, Beats
from dashboard.live.seeing.figures import Depth, Keeper
from dashboard.vendors.models import CommandState, Health, RateWindow, VendorAccount, VendorKind

#: Limits that are shown of one account: the fullest first.
MOST_WINDOWS = 3
#: A window of a documented rate, with the margin that `vendors.limits` keeps.
WINDOW_S = 1.05
LANE_WORDS = {
    "speak": gettext_lazy("Speaking"),
    "stop": gettext_lazy("Stopping and cancelling"),
    "check": gettext_lazy("Asking for the state"),
    "order": gettext_lazy("Ordering the queue"),
    "steer": gettext_lazy("Changes of running jobs"),
    "account": gettext_lazy("Starts, tests, rooms"),
}

#: What this process saw of the others' beats.
_beats = Beats()


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """`tone`: ok, warn, crit. `jobs` None where it keeps none by its nature."""

    id: str
    kind: str
    host: str
    process: int
    version: str
    beat_at: datetime
    started_at: datetime
    tone: str
    word: str
    jobs: int | None
    accounts: int | None
    browsers: int | None
    is_other_version: bool


@dataclass(frozen=True, slots=True)
class CallRow:
    vendor: str
    total: int
    failed: int
    rate_limited: int
    unknown: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LaneRow:
    word: str
    waiting: int
    on_its_way: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    account: VendorAccount
    vendor: str
    tone: str
    health: str
    #: What the vendor closed for us, and until when.
    closed: tuple[tuple[str, datetime], ...]
    #: (operation, used, allowed) in the last second.
    fullest: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class LinkRow:
    word: str
    number: int
    tone: str


@dataclass(frozen=True, slots=True)
class Status:
    at: datetime
    processes: list[ProcessRow]
    database: str
    database_size: int | None
    layer: str
    layer_tone: str
    layer_at: datetime | None
    lanes: list[LaneRow]
    oldest: datetime | None
    links: list[LinkRow]
    streams: list[LinkRow]
    calls: list[CallRow]
    accounts: list[AccountRow]


def status(team: Team) -> Status:
    """Seven queries, however many rooms there are. Processes are the whole installation's, all else is the team's."""
    now = clock.now()
    processes = list(Process.objects.order_by("kind", "started_at"))
    told = {row.pk: shapes.convert(row.figures, reports.Figures) for row in processes}
    depths = figures.depths(team.pk)
    links = figures.links(team.pk)
    layer, layer_tone, layer_at = _layer(processes, told)
    waiting = [depth.since for (_lane, state), depth in depths.items() if state == CommandState.READY]
    return Status(
        at=now,
        processes=_processes(processes, told, figures.keepers(), now),
        database=_database(),
        database_size=_size(),
        layer=layer,
        layer_tone=layer_tone,
        layer_at=layer_at,
        lanes=_lanes(depths),
        oldest=min(waiting, default=None),
        links=_link_rows(links, 0, Link),
        streams=_link_rows(links, 1, StreamLink),
        calls=_calls(processes, told, now),
        accounts=_accounts(team, now),
    )


# ---------------------------------------------------------------------------------------------------------- processes


def _processes(
    rows: Sequence[Process], told: Mapping[int, reports.Figures], keepers: Sequence[Keeper], now: datetime
) -> list[ProcessRow]:
    """Every process by its own row, with what its relay keeps; a relay that tells nothing of itself by the relay's."""
    by_place = {(keeper.relay.host[:80], keeper.relay.process): keeper for keeper in keepers}
    ages = _beats.ages(
        [Beat(row.name, row.beat, row.beat_at) for row in rows]
        + [Beat(f"relay {one.relay.name}", one.relay.beat, _relay_beat_at(one)) for one in keepers]
    )
    found = []
    for row in rows:
        keeper = by_place.pop((row.host, row.process), None)
        age_s, dead_after_s = ages[row.name], reports.DEAD_AFTER_S
        if keeper is not None:
            age_s, dead_after_s = ages[f"relay {keeper.relay.name}"], settings.RELAY_DEAD_AFTER_S
        has_browsers = row.kind in (ProcessKind.WHOLE, ProcessKind.CONSOLE)
        found.append(
            ProcessRow(
                id=f"process-{row.pk}",
                kind=str(ProcessKind(row.kind).label),
                host=row.host,
                process=row.process,
                version=row.version,
                beat_at=now - timedelta(seconds=age_s),
                started_at=row.started_at,
                jobs=keeper.jobs if keeper else None,
                accounts=keeper.accounts if keeper else None,
                browsers=told[row.pk].browsers if has_browsers else None,
                is_other_version=row.version != settings.VERSION,
                **_living(age_s, dead_after_s, leaving=keeper is not None and keeper.relay.leaving),
            )
        )
    for keeper in by_place.values():
        age_s = ages[f"relay {keeper.relay.name}"]
        found.append(_relay_alone(keeper, now - timedelta(seconds=age_s), age_s))
    return found


def _relay_alone(keeper: Keeper, beat_at: datetime, age_s: float) -> ProcessRow:
    relay = keeper.relay
    return ProcessRow(
        id=f"relay-{relay.pk}",
        kind=str(ProcessKind.RELAY.label),
        host=relay.host,
        process=relay.process,
        version="",
        beat_at=beat_at,
        started_at=relay.started_at,
        jobs=keeper.jobs,
        accounts=keeper.accounts,
        browsers=None,
        is_other_version=False,
        **_living(age_s, settings.RELAY_DEAD_AFTER_S, leaving=relay.leaving),
    )


def _relay_beat_at(keeper: Keeper) -> datetime:
    return keeper.relay.alive_until - timedelta(seconds=settings.RELAY_DEAD_AFTER_S)


def _living(age_s: float, dead_after_s: float, *, leaving: bool) -> dict[str, str]:
    if leaving:
        return {"tone": "warn", "word": _("hands over")}
    if age_s > dead_after_s:
        return {"tone": "crit", "word": _("silent")}
    return {"tone": "ok", "word": _("runs")}


# ------------------------------------------------------------------------------------------- database, layer and calls


def _database() -> str:
    return "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"


def _size() -> int | None:
    """Bytes; of SQLite with what its log holds beside it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    file = Path(str(connection.settings_dict["NAME"]))
    sizes = [one.stat().st_size for one in (file, file.with_name(f"{file.name}-wal")) if one.exists()]
    return sum(sizes) if sizes else None


def _layer(rows: Sequence[Process], told: Mapping[int, reports.Figures]) -> tuple[str, str, datetime | None]:
    """Words, tone, and when it was last heard by the process that heard it least lately."""
    if not settings.REDIS_URL:
        return _("none: one process, or several that hear of each other a second late"), "", None
    heard = [(row.beat_at, told[row.pk].layer_age_s) for row in rows]
    ages = [at - timedelta(seconds=age_s) for at, age_s in heard if age_s is not None]
    if not ages:
        return _("Redis, which no process has heard yet"), "warn", None
    if any(age_s is None or age_s > reports.DEAD_AFTER_S for _at, age_s in heard):
        return _("Redis, silent: changes come a second late"), "warn", min(ages)
    return _("Redis"), "ok", min(ages)


def _calls(rows: Sequence[Process], told: Mapping[int, reports.Figures], now: datetime) -> list[CallRow]:
    """Of all processes that still tell; what a dead one counted is over with it."""
    found = []
    living = [row for row in rows if now - row.beat_at <= timedelta(seconds=reports.DEAD_AFTER_S)]
    for vendor in VendorKind:
        results: dict[str, int] = {}
        heard_from = []
        for row in living:
            for calls in told[row.pk].calls:
                if calls.vendor == vendor:
                    heard_from.append(row.beat_at)
                    for result, number in calls.results.items():
                        results[result] = results.get(result, 0) + number
        if heard_from:
            found.append(
                CallRow(
                    vendor=str(vendor.label),
                    total=sum(results.values()),
                    failed=results.get("rejected", 0) + results.get("not_sent", 0),
                    rate_limited=results.get("rate_limited", 0),
                    unknown=results.get("unknown", 0),
                    at=min(heard_from),
                )
            )
    return found


# ------------------------------------------------------------------------------------------------------- the team's own


def _lanes(depths: Mapping[tuple[str, str], Depth]) -> list[LaneRow]:
    rows = []
    for lane, word in LANE_WORDS.items():
        waits, leaves = depths.get((lane, CommandState.READY)), depths.get((lane, CommandState.SENDING))
        rows.append(
            LaneRow(
                word=str(word),
                waiting=waits.number if waits else 0,
                on_its_way=leaves.number if leaves else 0,
                since=waits.since if waits else None,
            )
        )
    return rows


_LINK_TONES = {"down": "crit", "stale": "warn", "connecting": "warn", "reconnecting": "warn", "ended": "crit"}


def _link_rows(links: Mapping[tuple[str, str], int], part: int, states: type[Link] | type[StreamLink]) -> list[LinkRow]:
    rows = []
    for state in states:
        number = sum(count for key, count in links.items() if key[part] == state)
        rows.append(LinkRow(str(state.label), number, _LINK_TONES.get(str(state), "") if number else ""))
    return rows


_HEALTH_TONES = {Health.OK: "ok", Health.UNTESTED: "", Health.REFUSED: "crit", Health.UNREACHABLE: "crit"}


def _accounts(team: Team, now: datetime) -> list[AccountRow]:
    """Two queries."""
    accounts = list(VendorAccount.objects.filter(team=team, archived_at=None).order_by("name"))
    windows: dict[int, list[RateWindow]] = {}
    for window in RateWindow.objects.filter(account__in=accounts).order_by("api"):
        windows.setdefault(window.account_id, []).append(window)
    return [_account(account, windows.get(account.pk, ()), now) for account in accounts]


def _account(account: VendorAccount, windows: Sequence[RateWindow], now: datetime) -> AccountRow:
    closed = [(one.api, one.closed_until) for one in windows if one.closed_until and one.closed_until > now]
    moment = now.timestamp()
    used = [(one.api, sum(moment - left < WINDOW_S for left in one.departures), one.per_s) for one in windows]
    busy = sorted((one for one in used if one[1] and one[2]), key=lambda one: one[1] / one[2], reverse=True)
    return AccountRow(
        account=account,
        vendor=str(VendorKind(account.vendor).label),
        tone=_HEALTH_TONES[Health(account.health)],
        health=str(Health(account.health).label),
        closed=tuple(closed),
        fullest=tuple(busy[:MOST_WINDOWS]),
    )
