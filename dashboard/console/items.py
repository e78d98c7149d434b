"""Takeovers as the desk's queue and the list of all rooms show them: state, step times, and what may be done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.accounts.models import Role, Team
from dashboard.console.moves import Moves, moves_of
from dashboard.jobs.models import Job
from dashboard.lib import clock
from dashboard.lib.languages import together
from dashboard.takeover.models import Kind, Takeover
from dashboard.takeover.selectors import can_be_dropped, can_be_taken_up, change_in_words, listed, was_cut_off
from dashboard.takeover.states import CAN_CANCEL, SILENCED, TERMINAL, Mode, Source, TakeoverState, voice_of
from dashboard.vendors.models import Command, CommandState, VendorKind
from dashboard.vendors.said import Said, said

SENTENCES_SHOWN = 100
#: The state's word on a chip.
WORDS = {
    TakeoverState.HELD: lambda: _("HELD"),
    TakeoverState.AWAITING_APPROVAL: lambda: _("IN APPROVAL"),
    TakeoverState.WAITING: lambda: _("WAITING"),
    TakeoverState.SENDING: lambda: _("SENDING"),
    TakeoverState.ACCEPTED: lambda: _("ACCEPTED"),
    TakeoverState.QUEUED: lambda: _("QUEUED"),
    TakeoverState.PLAYING: lambda: _("SPEAKING"),
    TakeoverState.DONE: lambda: _("DONE"),
    TakeoverState.CANCELLING: lambda: _("CANCELLING"),
    TakeoverState.CANCELLED: lambda: _("CANCELLED"),
    TakeoverState.REJECTED: lambda: _("REJECTED"),
    TakeoverState.FAILED: lambda: _("FAILED"),
    TakeoverState.EXPIRED: lambda: _("EXPIRED"),
    TakeoverState.UNKNOWN: lambda: _("UNKNOWN"),
}
#: data-state picks colour and glyph; the stylesheet's own names for two of them.
TONES = {
    TakeoverState.AWAITING_APPROVAL: "approval",
    TakeoverState.WAITING: "held",
    TakeoverState.PLAYING: "speaking",
    TakeoverState.CANCELLING: "ending",
}
_FILLED = frozenset({TakeoverState.PLAYING, TakeoverState.UNKNOWN, TakeoverState.FAILED, TakeoverState.REJECTED})
_OUTLINED = frozenset({TakeoverState.SENDING, TakeoverState.ACCEPTED})

GROUPS = {
    TakeoverState.PLAYING: "speaking",
    TakeoverState.CANCELLING: "speaking",
    TakeoverState.UNKNOWN: "unknown",
    TakeoverState.HELD: "queued",
    TakeoverState.AWAITING_APPROVAL: "approval",
    TakeoverState.WAITING: "queued",
    TakeoverState.SENDING: "queued",
    TakeoverState.ACCEPTED: "queued",
    TakeoverState.QUEUED: "queued",
}

_UNKNOWN_WHY = {
    "timeout": lambda: _("The vendor did not answer in time."),
    "broken_connection": lambda: _("The connection broke while it was being sent."),
    "server_error": lambda: _("The vendor's server failed while it took it."),
    "unreadable_answer": lambda: _("The vendor's answer could not be read."),
    "link_lost": lambda: _("The takeover channel broke while it was being sent."),
    "relay_lost": lambda: _("The relay stopped while it was sending it."),
    "left_queue": lambda: _("It left the vendor's queue while nobody listened."),
    "not_reported": lambda: _("The vendor reported no end for it."),
    "job_ended": lambda: _("The job ended before its end was reported."),
}
#: Reasons that nobody wrote: the sentences below the item tell them.
_SAID_BELOW = ("the job ended", SILENCED)
_WAITS = {
    "rate_limit": lambda: _("waits for the vendor's rate limit"),
    "no_connection": lambda: _("waits for the vendor's address to answer"),
    "link_down": lambda: _("waits for the takeover channel"),
    "silencing": lambda: _("waits until the silence is confirmed"),
    "busy": lambda: _("the vendor asked to wait"),
    "overtaken": lambda: _("waits for the next relay"),
    "queue": lambda: _("waits until the vendor's queue is empty"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    state: str
    word: str
    fill: bool = False
    line: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder: `name` is the state, `at` None where it has not happened or is not reported."""

    name: str
    word: str
    at: datetime | None = None
    note: str = ""
    is_done: bool = False
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    id: int
    seq: int
    topic: str
    number: str
    version: int
    state: str
    tone: str
    chip: Chip
    pos: int | None
    text: str
    lang: str
    is_old: bool
    at: datetime
    eta: datetime | None
    took: str
    facts: tuple[str, ...]
    notice: Said
    steps: tuple[Step, ...]
    #: Whose words they are, as `parts.Heard` has it.
    voice: str
    #: When its undo window or the time to approve it ends.
    until: datetime | None = None
    until_word: str = ""
    author: int | None = None
    approve_url: str = ""
    return_url: str = ""
    undo_url: str = ""
    send_now_url: str = ""
    cancel_url: str = ""
    check_url: str = ""
    spoken_url: str = ""
    again_url: str = ""
    #: Brings its words back to where they are written.
    words_url: str = ""
    fixed_reason: str = ""
    #: When it is expected to be heard, where it waits.
    starts: datetime | None = None
    moves: Moves | None = None
    can_pick: bool = False
    #: Only together with all that waits at the vendor.
    can_drop: bool = False


@dataclass(frozen=True, slots=True)
class Row(Item):
    group: str = "ended"
    order: str = ""
    code: str = ""
    url: str = ""
    by: str = ""
    is_open: bool = False
    zone: str = "UTC"
    #: Who or what it came from, for the filter and in words.
    source: str = ""
    source_word: str = ""
    person: int | None = None
    reason: str = ""
    #: The comment it answers, in words.
    cause: str = ""


Shown = TypeVar("Shown", bound=Item)


@dataclass(slots=True)
class Context:
    """What several items of one page share."""

    team_slug: str
    seq: int
    now: datetime
    waits: dict[str, str] = field(default_factory=dict)
    #: The vendor holds the job: what it was saying is neither heard nor over.
    is_paused: bool = False
    #: Expected starts of what waits, by pk.
    starts: dict[int, datetime] = field(default_factory=dict)
    #: The comments that items answer, by pk, in words.
    causes: dict[int, str] = field(default_factory=dict)
    #: Of one desk: how its waiting items may be moved, by pk.
    moves: dict[int, Moves] = field(default_factory=dict)


def said_in(job: Job, team: Team, seq: int) -> list[Row]:
    """What people and rules said in one job, newest first."""
    context = Context(team.slug, seq, clock.now(), {})
    return [row(item, context) for item in listed(team).filter(job=job)[:SENTENCES_SHOWN]]


def wait_reasons(items: list[Takeover]) -> dict[str, str]:
    """Why an unsent item has not left, by trace id."""
    traces = [item.trace_id for item in items if item.claimed_at is None and item.is_open]
    if not traces:
        return {}
    ready = Command.objects.filter(trace_id__in=traces, state=CommandState.READY).exclude(wait_reason="")
    return dict(ready.values_list("trace_id", "wait_reason"))


def chip(item: Takeover) -> Chip:
    state = TakeoverState(item.state)
    tone = TONES.get(state, str(state))
    if state == TakeoverState.PLAYING and voice_of(item.source) != "human":
        tone = "onair"  # as the room's own head shows what no person says
    return Chip(tone, _word(item, state), fill=state in _FILLED, line=state in _OUTLINED)


def _word(item: Takeover, state: TakeoverState) -> str:
    """The state's word, or a truer one: cut off in mid-air, or let through by nobody."""
    if was_cut_off(item):
        return _("CUT OFF")
    if state == TakeoverState.REJECTED and item.approval_asked_at is not None and item.approved_at is None:
        is_late = item.approval_due_at is not None and (item.rejected_at or clock.now()) >= item.approval_due_at
        return WORDS[TakeoverState.EXPIRED]() if is_late else _("RETURNED")
    return WORDS[state]()


def queue_items(items: list[Takeover], context: Context) -> list[Item]:
    """Items of one desk, numbered in the order of hearing; what is over stands below what comes, by its end."""
    context.moves = moves_of(items, context.team_slug)
    shown, position = [], 0
    for item in items:
        waits = item.is_open and item.state not in (
            TakeoverState.PLAYING,
            TakeoverState.UNKNOWN,
            TakeoverState.CANCELLING,
        )
        position += waits
        shown.append(_filled(Item, item, context, position if waits else None))
    over = sorted((one for one in shown if one.state in TERMINAL), key=lambda one: one.at)
    return [*(one for one in shown if one.state not in TERMINAL), *over]


def row(item: Takeover, context: Context) -> Row:
    return _filled(
        Row,
        item,
        context,
        None,
        group=GROUPS.get(TakeoverState(item.state), "ended"),
        order=f"{9_999_999_999 - item.pk:010d}",
        code=item.room.code,
        url=reverse("console:desk", args=[context.team_slug, item.room.code]),
        by=item.author_label or str(Source(item.source).label),
        is_open=item.is_open,
        zone=item.room.time_zone,
        at=item.requested_at,  # by which they are listed; the ladder has the others
        source=item.source,
        source_word=str(Source(item.source).label),
        person=item.author_id,
        reason=item.reason if item.reason not in _SAID_BELOW else "",
        cause=context.causes.get(item.pk, ""),
    )


def _filled(make: type[Shown], item: Takeover, context: Context, position: int | None, **more: Any) -> Shown:
    """What an item and a row have in common; `more` is the row's own."""
    state = TakeoverState(item.state)
    is_held = context.is_paused and state == TakeoverState.PLAYING
    ended_at = item.ended_at
    urls = _urls(item, context.team_slug)
    return make(
        id=item.pk,
        seq=context.seq,
        topic=f"room:{item.room_id}",
        number=str(item),
        version=item.version,
        state=str(state),
        tone=TONES.get(state, str(state)),
        chip=chip(item) if not is_held else Chip("paused", _("PAUSED"), line=True),
        pos=position,
        text=item.words,
        lang=item.room.language if item.text else "",
        is_old=ended_at is not None and (context.now - ended_at).total_seconds() > 10,
        at=more.pop("at", None) or ended_at or _unknown_since(item) or item.started_at or item.requested_at,
        eta=_eta(item) if not is_held else None,
        until=_until(item),
        until_word=_until_word(item),
        author=item.author_id,
        took=_took(item),
        facts=_facts(item, context),
        notice=notice(item, context.team_slug),
        steps=tuple(steps(item)),
        voice=voice_of(item.source),
        starts=context.starts.get(item.pk),
        moves=context.moves.get(item.pk),
        can_pick=bool(urls.get("cancel_url")) and item.started_at is None,
        can_drop=item.job.is_open and can_be_dropped(item),
        **urls,
        **more,
    )


def _unknown_since(item: Takeover) -> datetime | None:
    return item.left_at or item.timeout_at if item.state == TakeoverState.UNKNOWN else None


def _eta(item: Takeover) -> datetime | None:
    if item.state == TakeoverState.PLAYING and item.started_at and item.kind != Kind.VOICE:
        return item.started_at + timedelta(milliseconds=item.estimate_ms)
    return None


def _until(item: Takeover) -> datetime | None:
    if item.state == TakeoverState.HELD:
        return item.held_until
    return item.approval_due_at if item.state == TakeoverState.AWAITING_APPROVAL else None


def _until_word(item: Takeover) -> str:
    if item.state == TakeoverState.HELD:
        return _("until approval is asked") if item.is_asked_first else _("until it leaves")
    return _("to approve") if item.state == TakeoverState.AWAITING_APPROVAL else ""


_BEGUN_AT_MOST = (TakeoverState.CANCELLED, TakeoverState.FAILED, TakeoverState.UNKNOWN)


def _took(item: Takeover) -> str:
    if item.started_at is None or item.state in _BEGUN_AT_MOST:
        return ""  # begun is not heard
    seconds = max(0.0, (item.started_at - item.requested_at).total_seconds())
    return _("heard after %(seconds).1f s") % {"seconds": seconds}


def _facts(item: Takeover, context: Context) -> tuple[str, ...]:
    who = item.author_label or Source(item.source).label
    facts = [_("%(who)s, %(mode)s") % {"who": who, "mode": _way(item)}]
    if scene := scene_of(item):
        facts.append(scene)
    if item.kind != Kind.VOICE:
        facts.append(_("≈ %(seconds)d s") % {"seconds": max(1, round(item.estimate_ms / 1000))})
    if reason := context.waits.get(item.trace_id):
        facts.append(_WAITS.get(reason, lambda: reason)())
    elif item.state == TakeoverState.WAITING and item.released_at is None and _holds_back(item):
        facts.append(_("held here until the vendor has room"))
    if item.approval_why and item.is_open:
        facts.append(_approval(item))
    if item.removed:
        tags = " ".join(f"<{tag}>" for tag in item.removed)
        values = {"vendor": VendorKind(item.job.account.vendor).label, "tags": tags}
        facts.append(_("said without %(tags)s, which %(vendor)s does not know here") % values)
    if item.cut_by_id and item.cut_by is not None:
        facts.append(_("cut off by %(item)s") % {"item": str(item.cut_by)})
    if item.again_of_id:
        facts.append(_("sent again"))
    return tuple(str(fact) for fact in facts)


def scene_of(item: Takeover) -> str:
    """The change of the scene that comes with words; alone, it is what the item says already."""
    return change_in_words(item) if item.kind == Kind.SCENE and item.params.get("speaks") else ""


def _approval(item: Takeover) -> str:
    """Why it takes a second person; once there was one, that there was."""
    if item.approved_at is not None:
        return _("approved")
    about, _colon, what = item.approval_why.partition(":")
    if about == "word":
        return _("second person: it says “%(word)s”") % {"word": what}
    words = {"mode": dict(Mode.choices), "kind": dict(Kind.choices), "role": dict(Role.choices)}.get(about, {})
    return _("second person: %(what)s") % {"what": words.get(what, what)}


def _way(item: Takeover) -> str:
    return str(Kind.VOICE.label if item.kind == Kind.VOICE else Mode(item.mode).label)


def notice(item: Takeover, slug: str) -> Said:
    """The sentences below an item that is not simply on its way."""
    state = TakeoverState(item.state)
    if state in (TakeoverState.REJECTED, TakeoverState.FAILED):
        refused = said(item.error, item.job.account.vendor, slug, about="words")
        return refused or Said(_("The vendor refused it. Nothing was heard."))
    if item.is_open and item.error and state != TakeoverState.UNKNOWN:
        return said(item.error, item.job.account.vendor, slug)  # its cancel was refused: it will still be heard
    if state == TakeoverState.CANCELLED and item.reason == SILENCED:
        return Said(together(_("Cancelled by the silence."), _notice(item, state)))
    return Said(_notice(item, state))


def _notice(item: Takeover, state: TakeoverState) -> str:
    if state == TakeoverState.UNKNOWN:
        why = _UNKNOWN_WHY.get(item.unknown_reason, lambda: "")()
        listen = _("We do not know if viewers heard this. Listen, then choose.")
        return together(why, listen)
    if _came_too_late(item, state):
        return _("Not said: it would have come too late. Nothing was heard.")
    if state == TakeoverState.CANCELLED and item.reason == "the job ended" and item.started_at is not None:
        return _("Cut off: the job ended while it was heard.")
    if was_cut_off(item):
        return _heard_in_part(item)
    if state == TakeoverState.CANCELLED and item.reason == "the job ended":
        return _("Never sent: the job ended first. Nothing was heard.")
    if state == TakeoverState.CANCELLED and item.held_at is not None and item.hold_over_at is None:
        return _("Taken back before it left. Nothing was heard.")
    return ""


def _heard_in_part(item: Takeover) -> str:
    """How much of it viewers heard, as far as its length is known: a microphone's and a scene's is not."""
    began = item.started_at or item.requested_at
    ended = min(filter(None, (item.finished_at, item.cancel_ok_at)), default=began)
    seconds = max(0.0, (ended - began).total_seconds())
    if item.kind == Kind.VOICE or item.estimate_ms <= 0:
        return _("Heard in part: cut off after %(seconds).1f s.") % {"seconds": seconds}
    percent = min(99, round(seconds * 100_000 / item.estimate_ms))
    values = {"seconds": seconds, "percent": percent}
    return _("Heard in part: cut off after %(seconds).1f s, ≈ %(percent)d %% of it.") % values


def _came_too_late(item: Takeover, state: TakeoverState) -> bool:
    """Taken back because nobody would have understood it any more, at the vendor or before it left."""
    if state == TakeoverState.EXPIRED:
        return True
    asked, until = item.cancel_requested_at, item.useful_until
    is_late = asked is not None and until is not None and asked >= until
    return is_late and state == TakeoverState.CANCELLED and item.started_at is None


def _holds_back(item: Takeover) -> bool:
    return item.job.account.vendor == VendorKind.METASTUDIO


def _urls(item: Takeover, slug: str) -> dict[str, str]:
    state = TakeoverState(item.state)
    urls: dict[str, str] = {}
    if state == TakeoverState.HELD and item.job.is_open and item.cancel_requested_at is None:
        urls["undo_url"] = reverse("takeover:undo", args=[slug, item.pk])
        urls["send_now_url"] = reverse("takeover:send_now", args=[slug, item.pk])
        return urls
    if state == TakeoverState.AWAITING_APPROVAL and item.job.is_open:
        urls["approve_url"] = reverse("takeover:approve", args=[slug, item.pk])
        urls["return_url"] = reverse("takeover:return", args=[slug, item.pk])
    can_cancel = state in CAN_CANCEL and item.cancel_requested_at is None and item.job.is_open
    if can_cancel and (not _holds_back(item) or item.claimed_at is None):
        urls["cancel_url"] = reverse("takeover:cancel", args=[slug, item.pk])
    elif can_cancel and state != TakeoverState.UNKNOWN:
        urls["fixed_reason"] = _("can no longer be moved")
    if can_be_taken_up(item):
        urls["words_url"] = reverse("takeover:words", args=[slug, item.pk])
    if state == TakeoverState.UNKNOWN:
        urls["spoken_url"] = reverse("takeover:mark_spoken", args=[slug, item.pk])
        if item.job.is_open:
            urls["check_url"] = reverse("takeover:check", args=[slug, item.pk])
            if item.can_be_repeated and not getattr(item, "was_said_again", False):
                urls["again_url"] = reverse("takeover:again", args=[slug, item.pk])
    return urls


# --------------------------------------------------------------------------------------------------------------- ladder


def steps(item: Takeover) -> list[Step]:
    """The ladder of this vendor: a step that it never reports says so instead of staying empty."""
    capable_of_start = not _holds_back(item) or bool(item.job.account.capabilities.get("command_channel"))
    first_middle = (
        Step("queued", _("queued"), item.queued_at)
        if not _holds_back(item)
        else Step("accepted", _("accepted"), item.accepted_at)
    )
    playing_note = "" if capable_of_start else _("not reported")
    ours = [Step("waiting", _("written"), item.requested_at), Step("sending", _("sent"), item.claimed_at)]
    ladder = [
        *(ours if item.source != Source.FOREIGN else ()),
        first_middle,
        Step("playing", _("speaking"), item.started_at, note=playing_note if item.started_at is None else ""),
        _end_step(item),
    ]
    current = _current(item, ladder)
    return [
        Step(step.name, step.word, step.at, step.note, is_done=step.at is not None, is_current=step.name == current)
        for step in ladder
    ]


def _end_step(item: Takeover) -> Step:
    state = TakeoverState(item.state)
    ends = {
        TakeoverState.CANCELLED: ("cancelled", _("cancelled"), item.cancel_ok_at),
        TakeoverState.CANCELLING: ("cancelling", _("cancelling"), None),
        TakeoverState.REJECTED: ("rejected", _("rejected"), item.rejected_at),
        TakeoverState.FAILED: ("failed", _("failed"), item.failed_at),
        TakeoverState.UNKNOWN: ("unknown", _("unknown"), _unknown_since(item)),
        TakeoverState.EXPIRED: ("expired", _("expired"), item.expired_at),
    }
    name, word, at = ends.get(state, ("done", _("done"), item.finished_at or item.marked_spoken_at))
    note = ""
    if item.marked_spoken_at is not None:
        note = _("marked as spoken")
    return Step(name, word, at, note)


def _current(item: Takeover, ladder: list[Step]) -> str:
    if item.is_open:
        reached = [step.name for step in ladder if step.at is not None]
        return "unknown" if item.state == TakeoverState.UNKNOWN or not reached else reached[-1]
    return ladder[-1].name
