"""Finds the team of a URL (`/t/<team>/…`) and the visitor's membership, before any view runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from dashboard.accounts.models import Member, Team, User
from dashboard.audit.trail import current_request
from dashboard.lib import trace
from dashboard.lib.htmx import wants_fragment
from dashboard.lib.prepared import PreparedObjects


class TeamRequest(HttpRequest):
    """What views below `/t/<team>/` receive. A stranger to the team never gets this far: 404."""

    user: User
    team: Team
    member: Member
    htmx: Any


class TeamMiddleware:
    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        slug = kwargs.pop("team", None)
        if slug is None:
            return None
        if not request.user.is_authenticated:
            if request.method == "GET" and wants_fragment(request):
                # A part of a page asks by itself: the sign-in page is no answer to it. The page's own banner says why.
                return HttpResponse(status=204)
            return redirect(f"{_sign_in_url()}?next={request.path}")
        member = _MEMBER.one(slug=slug, user=request.user.pk)
        if member is None:
            raise Http404
        member.user = request.user  # known already: no join
        team_request = cast(TeamRequest, request)
        team_request.team, team_request.member = member.team, member
        return None


#: Part of every page, and so its SQL is made once.
_MEMBER = PreparedObjects(lambda slug, user: Member.objects.select_related("team").filter(team__slug=slug, user=user))


class RequestMiddleware:
    """Gives each request an id and tells the audit trail where it comes from; renders in the person's zone."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Only a proxy of ours may name a request: else anybody writes into the log and the trail.
        request_id = trace.new_id(request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else "")
        token = current_request.set((request.META.get("REMOTE_ADDR") or None, request_id))
        zone = getattr(request.user, "time_zone", "") or "UTC"
        try:
            with timezone.override(zone), trace.serving(request_id):
                response = self.get_response(request)
        finally:
            current_request.reset(token)
        response["X-Request-Id"] = request_id
        return response


def _sign_in_url() -> str:
    return reverse(settings.LOGIN_URL)
