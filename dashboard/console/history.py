"""The story of a job in words: what was asked, what the vendor took, what it said, newest last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db.models import CharField, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.accounts.models import User
from dashboard.events.kinds import CHANGES, Kind
from dashboard.events.models import Event, EventOutcome, Source
from dashboard.events.selectors import of_job
from dashboard.jobs.air import AirState, air
from dashboard.jobs.models import Job
from dashboard.jobs.states import Link, StreamLink, told
from dashboard.lib.languages import together
from dashboard.lib.prepared import PreparedObjects
from dashboard.vendors.said import NOTHING_SAID, Said, said

SHOWN = 40
KINDS = frozenset(
    kind
    for kind in Kind
    if kind.value.startswith("job.")
    and kind not in (Kind.JOB_SCRIPT_POSITION, Kind.JOB_REMAINING, Kind.JOB_UNRECOGNISED)
)
#: As `str(user)` has it. With the events themselves: a desk has no query to spare for its people.
_NAME = Coalesce(NullIf(F("name"), Value("")), F("email"), output_field=CharField())
_ACTOR_NAME = Subquery(User.objects.filter(pk=OuterRef("actor_id")).annotate(shown=_NAME).values("shown"))


@dataclass(frozen=True, slots=True)
class Entry:
    """`lane` says who: a name, console or vendor; `state` and its `word` are set where the air moved by it."""

    at: datetime
    lane: str
    text: str
    state: str = ""
    tone: str = ""
    word: str = ""
    #: The vendor's code behind the text, where it is a refusal.
    ref: Said = NOTHING_SAID


@dataclass(frozen=True, slots=True)
class Story:
    """`is_cut`: there is more before the first of them."""

    entries: tuple[Entry, ...] = ()
    is_cut: bool = False


def story(job: Job, slug: str = "", *, limit: int = SHOWN) -> Story:
    """The latest entries of a job, oldest first; what only says the same once more is left out."""
    events = _latest(limit + 1).all(job=job.pk)  # the one too many tells that there is more
    told_so_far: list[Entry] = []
    for event in reversed(events[:limit]):
        entry = _entry(event, job, slug)
        if entry is None or (told_so_far and _says(entry) == _says(told_so_far[-1])):
            continue
        told_so_far.append(entry)
    return Story(tuple(told_so_far), is_cut=len(events) > limit)


@cache
def _latest(limit: int) -> PreparedObjects[Event]:
    return PreparedObjects(lambda job: of_job(job, KINDS, limit=limit, actor_name=_ACTOR_NAME))


def _says(entry: Entry) -> tuple[str, str, str]:
    return entry.lane, entry.text, entry.state


def _entry(event: Event, job: Job, slug: str) -> Entry | None:
    kind, data = Kind(event.kind), event.data
    if kind == Kind.JOB_STATE:
        return _state(event, job, slug)
    if made := _MADE.get(kind):
        return made(event, job)
    words = _WORDS.get(kind)
    if words is None:
        return None
    text, ref = words(), _told(event, job, slug)
    if ref:
        text = together(text, ref.text)
    elif data.get("why") and event.source == Source.OPERATOR:
        text = _("%(what)s (%(why)s)") % {"what": text, "why": data["why"]}
    lane = (getattr(event, "actor_name", "") or _("person")) if event.source == Source.OPERATOR else _("console")
    if kind == Kind.JOB_ACCEPTED:
        state = AirState.PREPARING
        return Entry(event.at, _("vendor"), text, state=str(state), word=str(state.label))
    return Entry(event.at, lane, text, tone="warn" if kind in _BAD else "", ref=ref)


def _told(event: Event, job: Job, slug: str) -> Said:
    """The refusal in an event, if it holds one."""
    return said(event.data, job.account.vendor, slug) if event.data.get("happened", [""])[0] else NOTHING_SAID


def _state(event: Event, job: Job, slug: str) -> Entry | None:
    if event.outcome != EventOutcome.APPLIED:
        return None
    state = air(told(event.data["says"])).state
    ref = _told(event, job, slug)
    if event.source == Source.OPERATOR:
        lane = getattr(event, "actor_name", "") or _("person")
        text = _("closed here: the vendor does not know it any more")
        return Entry(event.at, lane, text, state=str(state), word=str(state.label))
    return Entry(event.at, _("vendor"), ref.text, state=str(state), word=str(state.label), ref=ref)


def _link(event: Event, job: Job) -> Entry | None:
    """Connecting is an attempt, not an edge: while the vendor is away there is one every few seconds."""
    link = Link(event.data["link"])
    if link == Link.CONNECTING:
        return None
    return Entry(
        event.at, _("console"), _("takeover channel %(word)s") % {"word": link.label}, tone=_tone(link, event, job)
    )


def _stream(event: Event, job: Job) -> Entry:
    link = StreamLink(event.data["link"])
    return Entry(
        event.at,
        _("vendor"),
        _("picture to the platform %(word)s") % {"word": link.label},
        tone=_tone(link, event, job),
    )


def _report_unsure(event: Event, _job: Job) -> Entry:
    text = _("%(count)d audience events may not have reached the vendor's rules") % {"count": event.data["events"]}
    return Entry(event.at, _("console"), text, tone="warn")


def _silenced(event: Event, _job: Job) -> Entry:
    words, count = _("silence asked"), event.data.get("items", 0)
    if count:
        cut = ngettext("%(count)d sentence cancelled", "%(count)d sentences cancelled", count) % {"count": count}
        words = _("%(what)s (%(why)s)") % {"what": words, "why": cut}
    return Entry(event.at, getattr(event, "actor_name", "") or _("person"), words)


def _floor(event: Event, _job: Job) -> Entry:
    """Whose the floor is from now on, in words that name both."""
    data = event.data
    words = _FLOOR[Kind(event.kind), bool(data.get("of"))]() % {"who": data["who"], "of": data.get("of", "")}
    if why := data.get("why", ""):
        known = _FLOOR_WHY.get(why)
        words = _("%(what)s (%(why)s)") % {"what": words, "why": known() if known is not None else why}
    lane = (getattr(event, "actor_name", "") or _("person")) if event.source == Source.OPERATOR else _("console")
    return Entry(event.at, lane, words)


_FLOOR = {
    (Kind.JOB_FLOOR_TAKEN, False): lambda: _("%(who)s has the floor"),
    (Kind.JOB_FLOOR_TAKEN, True): lambda: _("%(who)s has the floor instead of %(of)s"),
    (Kind.JOB_FLOOR_RELEASED, False): lambda: _("%(who)s gave the floor up"),
    (Kind.JOB_FLOOR_ASKED, True): lambda: _("%(who)s asks %(of)s for the floor"),
}
_FLOOR_WHY = {
    "handed_over": lambda: _("handed over"),
    "page_gone": lambda: _("the page with the microphone is gone"),
    "lapsed": lambda: _("no armed microphone answered"),
}


def _tone(link: str, event: Event, job: Job) -> str:
    return "warn" if link in ("down", "stale", "reconnecting") and not _is_over(job, event.at) else ""


def _is_over(job: Job, at: datetime) -> bool:
    """Whether the job had ended by then, or was asked to: what goes down with it is no warning."""
    refused_to_stop = job.is_open and job.error is not None
    ends = [job.ended_at, None if refused_to_stop else job.stop_requested_at]
    return any(end is not None and at >= end for end in ends)


def _change(event: Event, job: Job) -> Entry | None:
    """A change of the running job; that a doubt is settled by the vendor's own record is said."""
    kind, what = Kind(event.kind), event.data["what"]
    words = _CHANGES.get((kind, what))
    if words is None:
        return None
    text = words()
    if kind == Kind.JOB_CHANGED and event.data.get("by") == "record":
        text = _("%(what)s, as the vendor's own record shows") % {"what": text}
    elif kind == Kind.JOB_CHANGE_ASKED and event.data.get("why"):
        text = _("%(what)s (%(why)s)") % {"what": text, "why": event.data["why"]}
    by_person = event.source == Source.OPERATOR
    lane = (getattr(event, "actor_name", "") or _("person")) if by_person else _("console")
    ref = said(event.data, job.account.vendor) if event.data.get("happened", [""])[0] else NOTHING_SAID
    tone = "warn" if kind in (Kind.JOB_CHANGE_REFUSED, Kind.JOB_CHANGE_UNSURE, Kind.JOB_CHANGE_LOST) else ""
    if kind == Kind.JOB_CHANGE_SEEN and event.data.get("seen") != "up":
        tone = "warn"
        text = _("20 s after the change the picture has not reached the platform at its new address")
    return Entry(event.at, lane, together(text, ref.text) if ref else text, tone=tone, ref=ref)


_MADE: dict[Kind, Callable[[Event, Job], Entry | None]] = {
    Kind.JOB_LINK: _link,
    Kind.JOB_STREAM: _stream,
    Kind.JOB_REPORT_UNSURE: _report_unsure,
    Kind.JOB_SILENCED: _silenced,
    Kind.JOB_FLOOR_TAKEN: _floor,
    Kind.JOB_FLOOR_RELEASED: _floor,
    Kind.JOB_FLOOR_ASKED: _floor,
    **dict.fromkeys(CHANGES, _change),
}
_CHANGES: dict[tuple[Kind, str], Callable[[], str]] = {
    (Kind.JOB_CHANGE_ASKED, "script"): lambda: _("rewrite of the script asked"),
    (Kind.JOB_CHANGED, "script"): lambda: _("the script is rewritten"),
    (Kind.JOB_CHANGE_REFUSED, "script"): lambda: _("the script is as it was: the rewrite was refused."),
    (Kind.JOB_CHANGE_UNSURE, "script"): lambda: _("rewrite without an answer; the vendor's own record will tell"),
    (Kind.JOB_CHANGE_LOST, "script"): lambda: _("the rewrite did not arrive: viewers hear the former script"),
    (Kind.JOB_CHANGE_ASKED, "rules"): lambda: _("other rules asked"),
    (Kind.JOB_CHANGED, "rules"): lambda: _("the new rules answer the audience"),
    (Kind.JOB_CHANGE_REFUSED, "rules"): lambda: _("the rules are as they were: the change was refused."),
    (Kind.JOB_CHANGE_UNSURE, "rules"): lambda: _("other rules without an answer; the vendor's own record will tell"),
    (Kind.JOB_CHANGE_LOST, "rules"): lambda: _("the other rules did not arrive: the former ones answer"),
    (Kind.JOB_CHANGE_ASKED, "output"): lambda: _("another address of the stream asked"),
    (Kind.JOB_CHANGED, "output"): lambda: _("the vendor sends the stream to its new address"),
    (Kind.JOB_CHANGE_REFUSED, "output"): lambda: _("the stream goes where it went: the change was refused."),
    (Kind.JOB_CHANGE_UNSURE, "output"): lambda: _("another address without an answer; look at the platform"),
    (Kind.JOB_CHANGE_LOST, "output"): lambda: _("the other address did not arrive: the stream goes where it went"),
    (Kind.JOB_CHANGE_SEEN, "output"): lambda: _("the picture reached the platform at its new address"),
    (Kind.JOB_CHANGE_ASKED, "layer"): lambda: _("a layer asked"),
    (Kind.JOB_CHANGED, "layer"): lambda: _("the vendor took the layer; it does not tell when it shows"),
    (Kind.JOB_CHANGE_REFUSED, "layer"): lambda: _("the layer was refused."),
    (Kind.JOB_CHANGE_UNSURE, "layer"): lambda: _("a layer without an answer; look at the picture before you repeat it"),
    (Kind.JOB_CHANGE_ASKED, "preload"): lambda: _("material to load ahead asked"),
    (Kind.JOB_CHANGED, "preload"): lambda: _("the material is loaded at the vendor"),
    (Kind.JOB_CHANGE_REFUSED, "preload"): lambda: _("the material was not loaded."),
    (Kind.JOB_CHANGE_UNSURE, "preload"): lambda: _("loading material without an answer; asking again does no harm"),
}
_BAD = frozenset(
    {
        Kind.JOB_REFUSED,
        Kind.JOB_UNSURE,
        Kind.JOB_STOP_REFUSED,
        Kind.JOB_STOP_UNSURE,
        Kind.JOB_SILENCE_FAILED,
        Kind.JOB_SCRIPT_PAUSE_FAILED,
        Kind.JOB_ORDER_FAILED,
        Kind.JOB_RTC_EXPIRED,
        Kind.JOB_RTC_REFUSED,
    }
)
_WORDS = {
    Kind.JOB_REQUESTED: lambda: _("start asked"),
    Kind.JOB_SENDING: lambda: _("start sent to the vendor"),
    Kind.JOB_ACCEPTED: lambda: _("start accepted; billing runs"),
    Kind.JOB_REFUSED: lambda: _("start refused."),
    Kind.JOB_UNSURE: lambda: _("start without an answer."),
    Kind.JOB_STOP_REQUESTED: lambda: _("stop asked"),
    Kind.JOB_STOP_ACCEPTED: lambda: _("stop accepted"),
    Kind.JOB_STOP_REFUSED: lambda: _("stop refused."),
    Kind.JOB_STOP_UNSURE: lambda: _("stop without an answer."),
    Kind.JOB_SILENCE_SENT: lambda: _("silence accepted by the vendor"),
    Kind.JOB_SILENCE_FAILED: lambda: _("silence failed."),
    Kind.JOB_LIVE_REFUSED: lambda: _("going on air refused."),
    Kind.JOB_RESUME_FAILED: lambda: _("the vendor did not let the host speak again."),
    Kind.JOB_SCRIPT_PAUSED: lambda: _("pause of the script asked"),
    Kind.JOB_SCRIPT_PAUSE_SENT: lambda: _("pause accepted by the vendor"),
    Kind.JOB_SCRIPT_PAUSE_FAILED: lambda: _("the script goes on: its pause failed."),
    Kind.JOB_SCRIPT_RESUMED: lambda: _("the script may go on"),
    Kind.JOB_RESUMED: lambda: _("the host may speak again"),
    Kind.JOB_ORDER_FAILED: lambda: _("the vendor keeps another order of the queue."),
    Kind.JOB_ADOPTED: lambda: _("adopted: the vendor ran it already"),
    Kind.JOB_RTC_EXPIRED: lambda: _("the picture's RTC token has expired."),
    Kind.JOB_RTC_RENEWED: lambda: _("the vendor has the new RTC token"),
    Kind.JOB_RTC_REFUSED: lambda: _("the new RTC token was refused."),
    Kind.JOB_CONFLICT: lambda: _("the vendor refused the microphone: something plays or waits"),
}
