"""`record()`: one line of the audit trail, written in the transaction of what it tells about."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import models

from dashboard.audit.models import AuditEntry
from dashboard.lib import clock


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a person with the role they had then, or a part of Talkback (`id` None)."""

    id: int | None
    label: str
    role: str = ""
    address: str | None = None
    request_id: str = ""


CONSOLE = Actor(id=None, label="Talkback")

#: Address and request id of the request being served, so that services need not carry them.
current_request: ContextVar[tuple[str | None, str]] = ContextVar("current_request", default=(None, ""))


def record(
    *,
    team_id: int,
    actor: Actor,
    action: str,
    target: models.Model,
    result: str = "done",
    room_id: int | None = None,
    reason: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Add one entry. `before` and `after` hold only what changed, never a secret."""
    address, request_id = current_request.get()
    return AuditEntry.objects.create(
        team_id=team_id,
        actor_id=actor.id,
        actor_label=actor.label[:120],
        role=actor.role,
        action=action,
        target_kind=target._meta.model_name or "",
        target_id=target.pk or 0,
        room_id=room_id,
        reason=reason[:300],
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        result=result,
        address=actor.address or address,
        request_id=actor.request_id or request_id,
        at=clock.now(),
    )
