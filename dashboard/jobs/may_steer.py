"""What stands in the way of a change of a running job, with the sentence that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.states import ChangeKind, ChangeState
from dashboard.lib.errors import Conflict
from dashboard.rooms.models import RuleSet
from dashboard.vendors.abilities import Ability, offer
from dashboard.vendors.models import VendorKind

#: Two of these at once could arrive in the wrong order, and the later wish would lose.
_ONE_AT_A_TIME = (ChangeKind.SCRIPT, ChangeKind.RULES, ChangeKind.OUTPUT)

_ABILITIES = {
    ChangeKind.SCRIPT: Ability.REWRITE_SCRIPT,
    ChangeKind.RULES: Ability.REWRITE_RULES,
    ChangeKind.OUTPUT: Ability.OUTPUT,
    ChangeKind.LAYER: Ability.LAYER,
    ChangeKind.PRELOAD: Ability.PRELOAD,
}


def vendor_runs_rules(job: Job) -> bool:
    return job.account.vendor == VendorKind.METASTUDIO


def check(job: Job, kind: ChangeKind) -> None:
    if not job.can_speak:
        raise Conflict(
            _("%(code)s is not on air (%(state)s), so nothing was changed.")
            % {"code": job.room.code, "state": job.get_state_display()}
        )
    offered = offer(job.account, _ABILITIES[kind])
    if not offered.is_offered:
        raise Conflict(_("Not offered here: %(reason)s.") % {"reason": offered.reason})
    under_way = JobChange.objects.filter(job=job, kind=kind, state=ChangeState.ASKED)
    if kind in _ONE_AT_A_TIME and under_way.exists():
        raise Conflict(_("A change of this is on its way to the vendor. Wait for its answer, then look again."))


def check_version(rule_set: RuleSet, version: int) -> None:
    """What was shown as the difference is what goes on air."""
    if rule_set.version != version:
        raise Conflict(_("Somebody changed these rules meanwhile. Look at the difference again; nothing was sent."))


def rule_names(rules: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(rule.get("rule_name") or rule.get("rule_index") or place) for place, rule in enumerate(rules, 1)]
