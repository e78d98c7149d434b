"""Where the vendor's own record of a running job differs from ours, field by field. Pure but for the rows it reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from dashboard.jobs.changes import outputs_of
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.outputs import shown_address
from dashboard.jobs.states import ChangeKind
from dashboard.vendors.port import RoomSummary

SCRIPT, RULES, OUTPUT = str(ChangeKind.SCRIPT), str(ChangeKind.RULES), str(ChangeKind.OUTPUT)
#: Settings that no command changes on air: they can only be taken as they are.
SETTINGS = ("model_asset_id", "voice_asset_id", "view_mode")


@dataclass(frozen=True, slots=True)
class Field:
    """One difference: `ours` and `theirs` in words that may be shown, `theirs_whole` as *adopt* takes it over."""

    name: str
    ours: str
    theirs: str
    theirs_whole: object = None

    def stored(self) -> dict[str, object]:
        return asdict(self)


def fields(job: Job, theirs: RoomSummary) -> list[Field]:
    found = [_script(job, theirs), _rules(job, theirs), _output(job, theirs)]
    return [field for field in [*found, *_settings(job, theirs)] if field is not None]


def arrived(job: Job, change: JobChange, theirs: RoomSummary) -> bool | None:
    """Whether the record shows `change` carried out; False where it shows what was before, None for a third thing."""
    return _ARRIVED[ChangeKind(change.kind)](job, change, theirs)


def _texts(theirs: RoomSummary) -> list[str]:
    return [item.text for item in theirs.items]


def _script_arrived(job: Job, change: JobChange, theirs: RoomSummary) -> bool | None:
    if _texts(theirs) == [line["text"] for line in change.payload["lines"]]:
        return True
    return False if _texts(theirs) == change.payload["before"] else None


def _rules_arrived(job: Job, change: JobChange, theirs: RoomSummary) -> bool | None:
    if same_rules(theirs.rules, change.payload["rules"]):
        return True
    return False if same_rules(theirs.rules, change.payload["before"]) else None


def _output_arrived(job: Job, change: JobChange, theirs: RoomSummary) -> bool | None:
    if theirs.output_url == outputs_of(change)[0].url:
        return True
    return False if theirs.output_url == _address(job) else None


_ARRIVED: dict[ChangeKind, Callable[[Job, JobChange, RoomSummary], bool | None]] = {
    ChangeKind.SCRIPT: _script_arrived,
    ChangeKind.RULES: _rules_arrived,
    ChangeKind.OUTPUT: _output_arrived,
}


def same_rules(one: Sequence[Mapping[str, object]] | None, other: Sequence[Mapping[str, object]] | None) -> bool:
    """Whether two lists hold the same rules: a vendor adds indexes and leaves out what is empty or its default."""
    return [_plain(rule) for rule in one or ()] == [_plain(rule) for rule in other or ()]


def _plain(rule: Mapping[str, object]) -> str:
    """What viewers would notice: when it answers, and with what."""
    kept = {name: rule.get(name) for name in ("rule_name", "event_type", "hit_condition", "trigger")}
    return json.dumps({**kept, "enabled": rule.get("enabled") is not False}, sort_keys=True, ensure_ascii=False)


def _address(job: Job) -> str:
    return job.output_url or job.room.output_url


def _script(job: Job, theirs: RoomSummary) -> Field | None:
    ours = [item.text for item in job.script.all()]
    told = _texts(theirs)
    if not told or ours == told:
        return None
    at = next((no for no, (one, other) in enumerate(zip(ours, told, strict=False)) if one != other), None)
    at = min(len(ours), len(told)) if at is None else at
    lines = [{"scene_no": item.scene_no, "title": item.title, "text": item.text} for item in theirs.items]
    return Field(SCRIPT, _line(ours, at), _line(told, at), lines)


def _line(texts: Sequence[str], at: int) -> str:
    return f"{at + 1}. {texts[at][:120]}" if at < len(texts) else ""


def _rules(job: Job, theirs: RoomSummary) -> Field | None:
    if theirs.rules is None or job.rules is None or same_rules(job.rules, theirs.rules):
        return None
    return Field(RULES, _names(job.rules), _names(theirs.rules), [dict(rule) for rule in theirs.rules])


def _names(rules: Sequence[Mapping[str, object]]) -> str:
    return ", ".join(str(rule.get("rule_name") or rule.get("rule_index") or "?") for rule in rules)[:200]


def _output(job: Job, theirs: RoomSummary) -> Field | None:
    ours = _address(job)
    if not theirs.output_url or not ours or theirs.output_url == ours:
        return None
    return Field(OUTPUT, shown_address(ours), shown_address(theirs.output_url), theirs.output_url)


def _settings(job: Job, theirs: RoomSummary) -> list[Field]:
    ours = job.config or job.room.config
    pairs = [(name, str(ours.get(name) or ""), str(theirs.config.get(name) or "")) for name in SETTINGS]
    return [
        Field(name, our, their, their) for name, our, their in pairs if our and their and our.lower() != their.lower()
    ]
