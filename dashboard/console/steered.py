"""What was changed of a running job, what became of it, and where the vendor's own record differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashboard.console.facts import RoomFacts
from dashboard.jobs.drifted import Drifted
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.states import ChangeKind, ChangeState
from dashboard.vendors.said import NOTHING_SAID, Said, said

SHOWN = 12
_FIELDS: dict[str, str | Promise] = {
    "script": _("Script"),
    "rules": _("Interaction rules"),
    "output": _("Where the stream goes"),
    "model_asset_id": _("Avatar"),
    "voice_asset_id": _("Voice"),
    "view_mode": _("Upright or wide"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """`state` picks the glyph; `about` is what it is in a few words, `told` what is known of its effect."""

    state: str
    word: str
    what: str
    about: str
    told: str
    who: str
    at: datetime
    ref: Said = NOTHING_SAID


@dataclass(frozen=True, slots=True)
class Drift:
    name: str
    label: str
    ours: str
    theirs: str
    push_url: str
    adopt_url: str


@dataclass(frozen=True, slots=True)
class Steered:
    id: int
    seq: int
    topic: str
    changes: tuple[Change, ...]
    drift: tuple[Drift, ...]
    compared_at: datetime | None
    compare_url: str
    keeps_record: bool


def steered(facts: RoomFacts, slug: str) -> Steered:
    room, job = facts.room, facts.job
    changes = list(JobChange.objects.filter(job=job)[:SHOWN]) if job is not None else []
    is_running = job is not None and job.is_open
    keeps = room.account.vendor == "metastudio"
    return Steered(
        id=room.pk,
        seq=facts.seq,
        topic=room.topic,
        changes=tuple(_change(one, room.account.vendor, slug) for one in changes),
        drift=tuple(_drift(one, slug, room.code) for one in job.drift) if job is not None and is_running else (),
        compared_at=job.compared_at if job is not None and is_running else None,
        compare_url=reverse("takeover:compare", args=[slug, room.code]) if is_running and keeps else "",
        keeps_record=keeps,
    )


def _drift(field: dict[str, object], slug: str, code: str) -> Drift:
    one = Drifted.of(field)
    return Drift(
        name=one.name,
        label=str(_FIELDS.get(one.name, one.name)),
        ours=one.ours,
        theirs=one.theirs,
        push_url=reverse("takeover:push_field", args=[slug, code, one.name]) if one.kind is not None else "",
        adopt_url=reverse("takeover:adopt_field", args=[slug, code, one.name]),
    )


#: The states of a change in the colours of items: asked is on its way, lost did not happen.
_TONES = {
    ChangeState.ASKED: "sending",
    ChangeState.ACCEPTED: "done",
    ChangeState.REFUSED: "rejected",
    ChangeState.UNKNOWN: "unknown",
    ChangeState.LOST: "cancelled",
}


def _change(change: JobChange, vendor: str, slug: str) -> Change:
    return Change(
        state=_TONES[ChangeState(change.state)],
        word=str(ChangeState(change.state).label),
        what=str(ChangeKind(change.kind).label),
        about=_ABOUT[ChangeKind(change.kind)](change),
        told=_told(change),
        who=change.author_label,
        at=change.settled_at or change.asked_at,
        ref=said(change.error, vendor, slug),
    )


def _told(change: JobChange) -> str:
    """In one sentence, what viewers get of it."""
    if change.state == ChangeState.ASKED:
        return gettext("On its way to the vendor.")
    if change.state == ChangeState.UNKNOWN:
        return gettext("The vendor did not answer, so nobody knows yet. It is not sent again by itself.")
    if change.state == ChangeState.LOST:
        return gettext("It was not carried out: nothing changed on air.")
    if change.state == ChangeState.REFUSED:
        return ""
    if change.kind == ChangeKind.OUTPUT:
        return _output_told(change)
    if change.kind == ChangeKind.LAYER:
        return gettext("The vendor took it; it does not tell when viewers see it.")
    return gettext("It counts from now on.")


def _output_told(change: JobChange) -> str:
    if change.seen == "up":
        return gettext("The picture has reached the platform at its new address.")
    if change.seen:
        return gettext(
            "After 20 s the picture has not reached the platform. Look there, and put the former address back."
        )
    return gettext("Accepted; watched for 20 s whether the picture reaches the platform.")


def _script_about(change: JobChange) -> str:
    lines = change.payload["lines"]
    return gettext("%(count)d paragraphs, from paragraph %(no)d on") % {
        "count": len(lines) - change.payload["through"],
        "no": change.payload["through"] + 1,
    }


_ABOUT: dict[ChangeKind, Callable[[JobChange], str]] = {
    ChangeKind.SCRIPT: _script_about,
    ChangeKind.RULES: lambda change: str(change.payload.get("name") or ""),
    ChangeKind.OUTPUT: lambda change: ", ".join(change.payload["outputs"]),
    ChangeKind.LAYER: lambda change: ", ".join(f"{name}: {value}" for name, value in change.payload["layer"].items())[
        :200
    ],
    ChangeKind.PRELOAD: lambda change: ", ".join(change.payload["files"])[:300],
}


def warmed(job: Job) -> list[str]:
    """Material that the vendor has loaded for this job, the latest first."""
    done = JobChange.objects.filter(job=job, kind=ChangeKind.PRELOAD, state=ChangeState.ACCEPTED)
    return list(dict.fromkeys(name for payload in done.values_list("payload", flat=True) for name in payload["files"]))
