"""Producers write rule sets. A room that uses one is brought to its vendor anew; a running job keeps what it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from dashboard.accounts.models import Team
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.lib import clock
from dashboard.lib.errors import Conflict
from dashboard.rooms import rule_rows
from dashboard.rooms.fit import check_fits_rooms
from dashboard.rooms.models import RuleSet
from dashboard.rooms.rules.model import Rule
from dashboard.rooms.selectors import rooms_using
from dashboard.rooms.services.push import push


@dataclass(frozen=True, slots=True)
class RuleSetDraft:
    """A rule set as its form holds it."""

    name: str
    rules: tuple[Rule, ...]


def create_rule_set(*, team: Team, draft: RuleSetDraft, actor: Actor) -> RuleSet:
    now, rules = clock.now(), rule_rows.storable(draft.rules)
    with rule_rows.free_name(draft.name):
        made = RuleSet.objects.create(team=team, name=draft.name, rules=rules, created_at=now, updated_at=now)
        after = {"name": made.name, "rules": rules}
        trail.record(team_id=team.pk, actor=actor, action="create_rules", target=made, after=after)
    return made


def update_rule_set(*, rule_set: RuleSet, draft: RuleSetDraft, version: int, actor: Actor) -> RuleSet:
    """Change a set as a whole, and let the vendors of its rooms have it. Rooms on air keep what they started with."""
    rules = rule_rows.storable(draft.rules)
    with rule_rows.free_name(draft.name):
        row = rule_rows.locked(rule_set)
        if row.version != version:
            raise Conflict(
                _("Somebody changed these rules while you edited. Yours are kept here; save again to replace theirs.")
            )
        using = rooms_using(row)
        check_fits_rooms(draft.rules, using)
        before, after = _told(row.name, row.rules), _told(draft.name, rules)
        row.name, row.rules, row.version, row.updated_at = draft.name, rules, version + 1, clock.now()
        row.save()
        trail.record(
            team_id=row.team_id,
            actor=actor,
            action="edit_rules",
            target=row,
            before={key: value for key, value in before.items() if after.get(key) != value},
            after={key: value for key, value in after.items() if before.get(key) != value},
        )
        for room in using:
            push(room)
    return row


def _told(name: str, rules: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """Name, order and each rule under its index: the trail keeps only what changed of them."""
    by_index: dict[str, object] = {str(rule.get("rule_index") or place): rule for place, rule in enumerate(rules)}
    return {"name": name, "order": list(by_index), **by_index}
