"""How a view states its permission, and how a service learns who acts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypedDict, cast

from django.http import HttpRequest, HttpResponseBase

from dashboard.accounts.danger import Deed, confirm, does
from dashboard.accounts.middleware import TeamRequest
from dashboard.accounts.models import Member, User
from dashboard.accounts.policy import Action, may, require
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.lib.errors import Forbidden

#: All that a view below `/t/<team>/` needs to state its permission and its danger, from one place.
__all__ = ["Action", "Deed", "TeamRequest", "actor_of", "confirm", "does", "may", "needs", "who"]

P = ParamSpec("P")


def actor_of(member: Member) -> Actor:
    return Actor(id=member.user_id, label=str(member.user), role=member.role)


class Who(TypedDict):
    """Whom a service is told: the person, and how the trail names them."""

    user: User
    actor: Actor


def who(request: TeamRequest) -> Who:
    return {"user": request.user, "actor": actor_of(request.member)}


def needs(
    action: Action,
) -> Callable[[Callable[Concatenate[TeamRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Refuse (403, audited) unless the visitor's role in the URL's team may do `action`, or where the service does.

    Marks the view with `.action`, which the test of every URL and role reads.
    """

    def decorate(view: Callable[Concatenate[TeamRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            team_request = cast(TeamRequest, request)
            try:
                require(team_request.member, action)
                return view(team_request, *args, **kwargs)
            except Forbidden as refusal:
                if request.method != "GET" and not refusal.is_on_trail:
                    refusal.is_on_trail = True
                    trail.record(
                        team_id=team_request.team.pk,
                        actor=actor_of(team_request.member),
                        action=str(action),
                        target=team_request.team,
                        result="refused",
                    )
                raise

        guarded.action = action  # type: ignore[attr-defined]
        return guarded

    return decorate
