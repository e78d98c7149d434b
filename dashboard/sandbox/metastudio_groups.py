"""Libraries of interaction rules (002:7809-8768)."""

from __future__ import annotations

from typing import Any

from dashboard.sandbox.http import Response, json_response
from dashboard.sandbox.metastudio_wire import (
    GROUP_NAME_TAKEN,
    GROUP_NOT_FOUND,
    Call,
    Refused,
    empty,
    page,
    parse_time,
)
from dashboard.sandbox.metastudio_world import MetaStudioWorld, RuleGroup


class Groups:
    def __init__(self, model: MetaStudioWorld) -> None:
        self._model = model

    def _find(self, call: Call) -> RuleGroup:
        group = self._model.groups.get(call.values["group_id"])
        if group is None:
            raise Refused(GROUP_NOT_FOUND)
        return group

    def create(self, call: Call) -> Response:
        self._check_name(call, None)
        now = self._model.wall(call.at)
        group = RuleGroup(self._model.world.ids.uuid("metastudio.group"), self._body(call, now), now, now)
        self._model.groups[group.group_id] = group
        self._model.world.touch()
        return json_response({"group_id": group.group_id})

    def list(self, call: Call) -> Response:
        query, window = call.query, page(call.query)
        since, until = query.get("create_since"), query.get("create_until")
        found = [
            group
            for group in self._model.groups.values()
            if query.get("group_name", "").casefold() in group.body["group_name"].casefold()
            and (not since or parse_time(group.created) >= parse_time(since))
            and (not until or parse_time(group.created) <= parse_time(until))
        ]
        return json_response({"count": len(found), "interaction_rule_groups": [details(one) for one in found[window]]})

    def update(self, call: Call) -> Response:
        group = self._find(call)
        self._check_name(call, group)
        group.updated = self._model.wall(call.at)
        group.body = {**group.body, **self._body(call, group.updated)}
        self._model.world.touch()
        return json_response(details(group))

    def delete(self, call: Call) -> Response:
        del self._model.groups[self._find(call).group_id]
        self._model.world.touch()
        return empty()

    def _check_name(self, call: Call, group: RuleGroup | None) -> None:
        name = call.body["group_name"]
        if any(one.body["group_name"] == name and one is not group for one in self._model.groups.values()):
            raise Refused(GROUP_NAME_TAKEN)

    def _body(self, call: Call, now: str) -> dict[str, Any]:
        """Each rule gets an id and times of its own (002:8139)."""
        ids = self._model.world.ids
        if "interaction_rules" not in call.body:
            return dict(call.body)
        rules = [
            {"rule_id": ids.uuid("metastudio.rule"), "create_time": now, **rule, "update_time": now}
            for rule in call.body["interaction_rules"]
        ]
        return {**call.body, "interaction_rules": rules}


def details(group: RuleGroup) -> dict[str, Any]:
    return {
        "group_id": group.group_id,
        **group.body,
        "create_time": group.created,
        "update_time": group.updated,
    }
