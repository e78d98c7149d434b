"""What every page of a team needs: who looks, in which team, and what their role may do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from dashboard.accounts.models import Member
from dashboard.accounts.policy import ALLOWED
from dashboard.lib import clock


def allowed_actions(member: Member) -> str:
    """What the role may do, as templates and scripts look for it."""
    return " ".join(sorted(ALLOWED[member.role]))


def console(request: HttpRequest) -> dict[str, Any]:
    member = getattr(request, "member", None)
    context: dict[str, Any] = {"server_now": clock.now()}
    if member is not None:
        context |= {
            "team": member.team,
            "member": member,
            "allowed_actions": allowed_actions(member),
            "letter_keys": "on" if member.user.letter_keys else "off",
        }
    return context
