"""What must hold before a room can start, and the row that a start makes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from dashboard.accounts.models import User
from dashboard.jobs.models import IS_OPEN, Job, JobScriptItem
from dashboard.jobs.states import JobState
from dashboard.lib.errors import Conflict, Invalid
from dashboard.rooms.models import Room, RulesAtVendor
from dashboard.rooms.selectors import launch_problems, script_of

#: A host's token that says nothing of its life: the longest that such tokens are commonly made for.
OWN_TOKEN_LASTS_S = 86_400.0


def asked_before(room: Room, key: str) -> Job | None:
    """The job that the same press started already; a key of another room's page must not pass for a start of this."""
    existing = Job.objects.filter(team_id=room.team_id, key=key).select_related("room").first()
    if existing is not None and existing.room_id != room.pk:
        raise Conflict(_("The page sent no key for this start. Reload it and press once more."), field="key")
    return existing


def check_can_start(room: Room) -> None:
    """Raise the first thing that keeps `room` from going on air."""
    if problems := [problem for problem in launch_problems(room) if problem.blocks]:
        raise Invalid(problems[0].text, field=problems[0].field)
    if Job.objects.filter(IS_OPEN, room=room).exists():
        raise Conflict(_("%(code)s already has a running job. Nothing was started.") % {"code": room.code})


def new_job(room: Room, *, user: User, key: str, now: datetime) -> Job:
    """A job that asks to start, with its own copy of the room's script."""
    last = Job.objects.filter(room=room).order_by("-number").values_list("number", flat=True).first()
    job = Job.objects.create(
        team_id=room.team_id,
        room=room,
        account=room.account,
        number=(last or 0) + 1,
        key=key,
        started_by=user,
        requested_at=now,
        state=JobState.STARTING,
        state_at=now,
        config=room.config,
        output_url=room.output_url,
        rules=_rules(room),
        rtc_ends_at=_rtc_ends_at(room, now),
    )
    JobScriptItem.objects.bulk_create(
        JobScriptItem(job=job, no=no, scene_no=item.scene.no, title=item.title, text=item.text, source_item_id=item.pk)
        for no, item in enumerate(script_of(room), start=1)
    )
    return job


def _rtc_ends_at(room: Room, now: datetime) -> datetime | None:
    """The end of the token that this start brings, where the picture goes through an RTC application of our own."""
    own = room.config.get("rtc")
    if not isinstance(own, dict) or not own:
        return None
    lasts = own.get("token_s")
    return now + timedelta(seconds=float(lasts) if isinstance(lasts, int | float) else OWN_TOKEN_LASTS_S)


def _rules(room: Room) -> list[object] | None:
    """The rules that its audience is answered by from the start; None where only the vendor knows them."""
    if room.rule_set is not None:
        return list(room.rule_set.rules)
    return None if room.rules_at_vendor == RulesAtVendor.THEIRS else []
