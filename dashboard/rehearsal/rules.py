"""What a rehearsal comes to, from what people did and what the sandbox says was heard. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.rehearsal.scenarios import Deed, Scenario


@dataclass(frozen=True, slots=True)
class Did:
    """One act of a person in the room. `text` is what they wanted said, if anything."""

    at: datetime
    who: str
    deed: Deed
    text: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """One stretch of speech by the sandbox's own record; `ref` names the vendor's item it belongs to."""

    ref: str
    text: str
    started_at: datetime
    ended_at: datetime | None
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Judged:
    at: datetime
    who: str
    deed: Deed
    #: right, wrong, or "" for what the incident neither asked for nor forbade.
    verdict: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What did not happen is None."""

    #: From when there was something to see: the incident, or the first sentence after it where it needs one.
    noticed_after_s: float | None
    #: From the first wrong word.
    silenced_after_s: float | None
    judged: tuple[Judged, ...]
    #: Sentences of people that viewers heard more than once.
    heard_twice: tuple[str, ...]

    @property
    def wrong(self) -> int:
        return sum(1 for one in self.judged if one.verdict == "wrong")


def judge(
    scenario: Scenario,
    *,
    incident_at: datetime,
    noticed_at: datetime | None,
    deeds: Sequence[Did],
    heard: Sequence[Heard],
) -> Outcome:
    judged = tuple(
        Judged(did.at, did.who, did.deed, _verdict(scenario, did, incident_at), did.text)
        for did in _with_repeats(deeds)
    )
    seen_from = _seen_from(scenario, judged, incident_at)
    firsts = [one.at for one in judged if one.verdict == "right" and one.deed in _showing(scenario)]
    if noticed_at is not None and noticed_at >= incident_at:
        firsts.append(noticed_at)
    return Outcome(
        noticed_after_s=_seconds(seen_from, min(firsts)) if firsts and seen_from else None,
        silenced_after_s=_silenced(scenario, heard),
        judged=judged,
        heard_twice=_heard_twice({did.text for did in deeds if did.text}, heard),
    )


def _with_repeats(deeds: Sequence[Did]) -> list[Did]:
    """Words said once more by hand are a repeat, whoever says them."""
    said: set[str] = set()
    found = []
    for did in sorted(deeds, key=lambda one: one.at):
        is_repeat = did.deed in (Deed.SAY, Deed.ANSWER) and did.text in said
        found.append(Did(did.at, did.who, Deed.REPEAT, did.text) if is_repeat else did)
        if did.text:
            said.add(did.text)
    return found


def _seen_from(scenario: Scenario, judged: Sequence[Judged], incident_at: datetime) -> datetime | None:
    if not scenario.needs_words:
        return incident_at
    return next((one.at for one in judged if one.text and one.at >= incident_at), None)


def _showing(scenario: Scenario) -> frozenset[Deed]:
    return scenario.right - {Deed.SAY, Deed.ANSWER} if scenario.shows is None else scenario.shows


def _verdict(scenario: Scenario, did: Did, incident_at: datetime) -> str:
    if did.at < incident_at:
        return ""
    if did.deed in scenario.wrong:
        return "wrong"
    return "right" if did.deed in scenario.right else ""


def _silenced(scenario: Scenario, heard: Sequence[Heard]) -> float | None:
    """From the first wrong word to the first silence; None while or where nobody cut it."""
    first = next((one for one in heard if scenario.words and one.text == scenario.words), None)
    if first is None or first.ended_at is None or not first.is_cut:
        return None
    return _seconds(first.started_at, first.ended_at)


def _heard_twice(texts: set[str], heard: Sequence[Heard]) -> tuple[str, ...]:
    """A pause cuts one item into stretches, so items are counted, not stretches."""
    items: Mapping[str, set[str]] = {text: {one.ref for one in heard if one.text == text} for text in texts}
    return tuple(sorted(text for text, refs in items.items() if len(refs) > 1))


def _seconds(since: datetime, until: datetime) -> float:
    return round(max(0.0, (until - since).total_seconds()), 1)
