"""What an operator sees: made by the same selectors and view objects that pages, htmx answers and sockets use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from dashboard.console import accounts, facts, history, items, tiles
from dashboard.console.summary import Summary, summary
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.threads import in_thread
from dashboard.rooms.models import Room
from dashboard.takeover.models import Takeover
from dashboard.takeover.selectors import listed
from dashboard.vendors.models import VendorAccount


@dataclass(frozen=True, slots=True)
class RoomScreen:
    """A room as its tile and desk show it; `age_s` is how old the newest evidence for `air` is."""

    air: str
    why: str
    need: str
    age_s: float
    link: str
    history: tuple[str, ...]


async def room(job: Job, *, later_s: float = 0.0) -> RoomScreen:
    """The room now; with `later_s`, as it will look that much later if nothing more is heard."""
    return await in_thread(room_now, job, later_s)


def room_now(job: Job, later_s: float = 0.0) -> RoomScreen:
    found = facts.load([Room.objects.select_related("account", "team").get(pk=job.room_id)])[0]
    found = replace(found, now=clock.now() + timedelta(seconds=later_s))
    tile = tiles.tile(found, found.room.team.slug)
    shown = Job.objects.select_related("account").get(pk=job.pk)
    at = found.evidence_at or found.now
    told = tuple(entry.text for entry in history.story(shown).entries)
    age_s = (found.now - at).total_seconds()
    return RoomScreen(tile.air.word, str(tile.why.ref or tile.why.text), tile.need, age_s, str(shown.link), told)


def item_now(item: Takeover) -> items.Row:
    """One sentence, as a row of the takeovers' list."""
    team = Room.objects.select_related("team").get(pk=item.room_id).team
    row = listed(team).get(pk=item.pk)
    return items.row(row, items.Context(team.slug, 0, clock.now(), items.wait_reasons([row])))


async def item(item: Takeover) -> items.Row:
    return await in_thread(item_now, item)


def account_now(account: VendorAccount) -> accounts.Card:
    fresh = VendorAccount.objects.select_related("team").get(pk=account.pk)
    return accounts.card(fresh, fresh.team.slug, 0)


async def account(account: VendorAccount) -> accounts.Card:
    return await in_thread(account_now, account)


async def strip(team_id: int) -> Summary:
    """The counts on top of every page."""
    return await in_thread(summary, team_id, 0)
