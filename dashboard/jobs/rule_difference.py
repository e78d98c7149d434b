"""Which rules answer the audience now, and which would instead. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dashboard.jobs.drift import same_rules
from dashboard.rooms.rule_words import sentence
from dashboard.rooms.rules.stored import read_rules

Rules = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule as a sentence, before and after; empty where it is not there."""

    kind: Literal["kept", "changed", "new", "gone"]
    old: str = ""
    new: str = ""


def difference(running: Rules | None, wanted: Rules) -> list[RuleChange]:
    """Rules are the same by their index; what is not known of the running ones counts as none."""
    before = {_index(rule, place): rule for place, rule in enumerate(running or ())}
    rows = []
    for place, rule in enumerate(wanted):
        old = before.pop(_index(rule, place), None)
        if old is None:
            rows.append(RuleChange("new", new=_words(rule)))
        elif same_rules([old], [rule]):
            rows.append(RuleChange("kept", _words(rule), _words(rule)))
        else:
            rows.append(RuleChange("changed", _words(old), _words(rule)))
    return [*rows, *(RuleChange("gone", old=_words(rule)) for rule in before.values())]


def _index(rule: Mapping[str, Any], place: int) -> str:
    return str(rule.get("rule_index") or f"#{place}")


def _words(rule: Mapping[str, Any]) -> str:
    try:
        return sentence(read_rules([rule])[0])
    except ValueError:  # a word that our contract does not have: the vendor's own rule
        return str(rule.get("rule_name") or rule.get("rule_index") or "?")
