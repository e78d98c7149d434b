"""The forms with which a running job is steered: what is offered here, what it costs, and why not where it is not."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.accounts.models import Team
from dashboard.console import parts, steered
from dashboard.console.facts import RoomFacts
from dashboard.jobs.outputs import shown_address
from dashboard.rooms.models import RuleSet
from dashboard.vendors.abilities import Ability, Offer, offer


@dataclass(frozen=True, slots=True)
class Panels:
    """`reason`: why nothing can be steered now, "" where it can. `layers`: the room's own, as JSON to choose from."""

    reason: str
    layer: Offer
    rules: Offer
    output: Offer
    preload: Offer
    rule_sets: tuple[RuleSet, ...]
    address: str
    warmed: tuple[str, ...]
    lost: tuple[str, ...]


def panels(facts: RoomFacts, team: Team) -> Panels:
    room, job = facts.room, facts.job
    account = room.account
    address = (job.output_url if job is not None else "") or room.output_url
    return Panels(
        reason=parts.say_reason(facts),
        layer=offer(account, Ability.LAYER),
        rules=offer(account, Ability.REWRITE_RULES),
        output=offer(account, Ability.OUTPUT),
        preload=offer(account, Ability.PRELOAD),
        rule_sets=tuple(RuleSet.objects.filter(team=team).order_by("name")),
        address=shown_address(address) if address else "",
        warmed=tuple(steered.warmed(job)) if job is not None else (),
        lost=(
            _("The picture at the present address stops"),
            _("Viewers of the platform may lose the stream until it is up again"),
        ),
    )
