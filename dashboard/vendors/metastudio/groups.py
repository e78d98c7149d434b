"""Libraries of interaction rules at MetaStudio (002:7809-8768): four calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from dashboard.vendors.contract.generated import metastudio as api
from dashboard.vendors.http import Reply
from dashboard.vendors.metastudio import wire
from dashboard.vendors.metastudio.client import MetaStudioClient
from dashboard.vendors.metastudio.listing import Pages, every
from dashboard.vendors.port import Accepted, Outcome, Purpose, Unknown
from dashboard.vendors.port_live import Rule, RuleGroup

# Keys that a rule has in a room and not in a library (002:5992 against 7841).
ONLY_IN_ROOMS = ("group_id", "group_name", "enabled_scenes")


class Groups:
    def __init__(self, client: MetaStudioClient) -> None:
        self._client = client

    async def create(self, name: str, rules: Sequence[Rule]) -> Outcome[str]:
        """002:7821; two libraries of one name are refused."""
        call = api.CreateSmartLiveInteractionRuleGroup(
            body={"group_name": name, "interaction_rules": [_in_library(rule) for rule in rules]}
        )
        answer = await self._client.call(call, wire.RuleGroup, Purpose.EDIT)
        if not isinstance(answer, Accepted):
            return answer
        if not answer.value.value.group_id:
            return Unknown("unreadable_answer", "no group_id", answer.request_id)
        return Accepted(answer.value.value.group_id, answer.request_id)

    async def every(self) -> Outcome[tuple[RuleGroup, ...]]:
        """002:8064"""

        async def page(offset: int, limit: int) -> Outcome[Reply[wire.RuleGroupList]]:
            call = api.ListSmartLiveInteractionRuleGroups(query={"offset": offset, "limit": limit})
            return await self._client.call(call, wire.RuleGroupList, Purpose.EDIT)

        answer = await every(
            Pages(page, lambda one: one.interaction_rule_groups or [], lambda one: one.count, lambda row: row.group_id)
        )
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(tuple(_told(row) for row in answer.value.value), answer.request_id)

    async def update(self, group: RuleGroup) -> Outcome[RuleGroup]:
        """002:8327"""
        call = api.UpdateSmartLiveInteractionRuleGroup(
            group_id=group.vendor_ref,
            body={"group_name": group.name, "interaction_rules": [_in_library(rule) for rule in group.rules]},
        )
        answer = await self._client.call(call, wire.RuleGroup, Purpose.EDIT)
        if not isinstance(answer, Accepted):
            return answer
        return Accepted(_told(answer.value.value, group.vendor_ref), answer.request_id)

    async def delete(self, group_ref: str) -> Outcome[None]:
        """002:8675"""
        call = api.DeleteSmartLiveInteractionRuleGroup(group_id=group_ref)
        return wire.done(await self._client.call(call, wire.Empty, Purpose.EDIT))


def _in_library(rule: Rule) -> api.InteractionRuleInfo:
    return cast("api.InteractionRuleInfo", {key: value for key, value in rule.items() if key not in ONLY_IN_ROOMS})


def _told(row: wire.RuleGroup, group_ref: str = "") -> RuleGroup:
    rules = tuple(cast("Rule", rule) for rule in row.interaction_rules or ())
    return RuleGroup(row.group_id or group_ref, row.group_name or "", rules, wire.parse_time(row.update_time))
