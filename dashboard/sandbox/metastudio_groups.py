"""Libraries of interaction rules (002:7809-8768)."""

from __future__ import annotations

from typing import Any

from dashboard.sandbox.http import Response, json_response
from dashboard.sandbox.metastudio_review import review_rules
from dashboard.sandbox.metastudio_shelves import RuleGroup
from dashboard.sandbox.metastudio_wire import (
    GROUP_NAME_TAKEN,
    GROUP_NOT_FOUND,
    INVALID,
    Call,
    Refused,
    Span,
    empty,
    page,
)
from dashboard.sandbox.metastudio_world import MetaStudioWorld


class Groups:
    def __init__(self, model: MetaStudioWorld) -> None:
        self._model = model

    def _find(self, call: Call) -> RuleGroup:
        group = self._model.groups.get(call.values["group_id"])
        if group is None:
            raise Refused(GROUP_NOT_FOUND)
        return group

    def create(self, call: Call) -> Response:
        self._check(call, None)
        now = self._model.wall(call.at)
        group = RuleGroup(self._model.world.ids.uuid("metastudio.group"), self._body(call, now), now, now)
        self._model.groups.put(group)
        self._model.world.touch()
        return json_response({"group_id": group.group_id})

    def list(self, call: Call) -> Response:
        query, window = call.query, page(call.query)
        name, span = query.get("group_name", "").casefold(), Span.of(query, "create_since", "create_until")
        found = [
            group
            for group in self._model.groups.values()
            if name in group.name.casefold() and (not span or span.holds(group.created))
        ]
        return json_response({"count": len(found), "interaction_rule_groups": [details(one) for one in found[window]]})

    def update(self, call: Call) -> Response:
        group = self._find(call)
        self._check(call, group)
        group.updated = self._model.wall(call.at)
        group.body = {**group.body, **self._body(call, group.updated, group)}
        self._model.groups.put(group)
        self._model.world.touch()
        return json_response(details(group))

    def delete(self, call: Call) -> Response:
        self._model.groups.drop(self._find(call).group_id)
        self._model.world.touch()
        return empty()

    def _check(self, call: Call, group: RuleGroup | None) -> None:
        if not call.body["group_name"].strip():
            raise Refused(INVALID, detail="/group_name is empty")
        if self._model.groups.is_taken(call.body["group_name"], group):
            raise Refused(GROUP_NAME_TAKEN)
        review_rules(call.body.get("interaction_rules") or [], whitelisted=self._model.config["review_whitelist"])

    def _body(self, call: Call, now: str, group: RuleGroup | None = None) -> dict[str, Any]:
        """Each rule gets an id and times of its own (002:8139); one that keeps its index keeps its id."""
        ids = self._model.world.ids
        if "interaction_rules" not in call.body:
            return dict(call.body)
        before = (group.body.get("interaction_rules") or []) if group is not None else []
        known = {rule["rule_index"]: rule for rule in before if rule.get("rule_index")}
        rules = []
        for rule in call.body["interaction_rules"]:
            old = known.get(rule.get("rule_index"), {})
            rule_id = old.get("rule_id") or ids.uuid("metastudio.rule")
            rules.append({"rule_id": rule_id, **rule, "create_time": old.get("create_time", now), "update_time": now})
        return {**call.body, "interaction_rules": rules}


def details(group: RuleGroup) -> dict[str, Any]:
    return {
        "group_id": group.group_id,
        **group.body,
        "create_time": group.created,
        "update_time": group.updated,
    }
