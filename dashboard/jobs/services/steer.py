"""A person steers a running job: a layer, material, where its stream goes, its rules, and what drifted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.accounts import deeds
from dashboard.accounts.models import User
from dashboard.audit.trail import Actor
from dashboard.jobs import may_steer, steering
from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.outputs import shown_address
from dashboard.jobs.states import ChangeKind
from dashboard.jobs.steering import Wanted
from dashboard.rooms.models import RuleSet


def show_layer(*, job: Job, layer: Mapping[str, Any], user: User, actor: Actor) -> JobChange:
    """Let the vendor show `layer`; what one holds is documented nowhere, so it goes as it is."""
    shown = dict(layer)
    wanted = Wanted(ChangeKind.LAYER, {"layer": shown}, after={"layer": shown})
    return _ask(job, wanted, user, actor)


def preload(*, job: Job, files: Sequence[str], user: User, actor: Actor) -> JobChange:
    """Let the vendor fetch files that a later change of the scene will use."""
    wanted = Wanted(ChangeKind.PRELOAD, {"files": list(files)}, after={"files": list(files)})
    return _ask(job, wanted, user, actor)


def change_output(*, job: Job, outputs: Sequence[tuple[str, str]], reason: str, user: User, actor: Actor) -> JobChange:
    """Send the stream to `outputs` (address, key) from now on. Neither is shown or written down readably again."""
    kept = json.dumps([{"url": url, "key": key} for url, key in outputs])
    shown = [shown_address(url) for url, _key in outputs]
    before = {"outputs": [shown_address(job.output_url or job.room.output_url)]}
    has_keys = [bool(key) for _url, key in outputs]
    wanted = Wanted(
        ChangeKind.OUTPUT,
        {"outputs": shown, "keys": has_keys},
        before=before,
        after={"outputs": shown, "keys": has_keys},
        secret=kept,
        reason=reason,
    )
    return _ask(job, wanted, user, actor)


def put_rules_on_air(*, job: Job, rule_set: RuleSet, version: int, user: User, actor: Actor) -> JobChange:
    """Answer the audience of this job by `rule_set` from now on; its room keeps its own."""
    may_steer.check_version(rule_set, version)
    before = job.rules or []
    wanted = Wanted(
        ChangeKind.RULES,
        {"rules": rule_set.rules, "before": before, "name": rule_set.name, "version": rule_set.version},
        before={"rules": may_steer.rule_names(before)},
        after={"rule_set": rule_set.name, "rules": may_steer.rule_names(rule_set.rules)},
    )
    return _ask(job, wanted, user, actor)


def _ask(job: Job, wanted: Wanted, user: User, actor: Actor) -> JobChange:
    with deeds.locked(job.topic) as now:
        job.refresh_from_db()
        may_steer.check(job, wanted.kind)
        by_vendor = wanted.kind != ChangeKind.RULES or may_steer.vendor_runs_rules(job)
        return steering.ask(job, wanted, user=user, actor=actor, now=now, by_vendor=by_vendor)
