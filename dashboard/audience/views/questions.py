"""Claim, release and close what the audience asks."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.audience.models import Question
from dashboard.audience.services import questions
from dashboard.lib.htmx import done
from dashboard.rooms.models import Room


def _question(request: TeamRequest, pk: int) -> Question:
    return get_object_or_404(Question.objects.select_related("room"), team=request.team, pk=pk)


def _version(request: TeamRequest) -> int | None:
    sent = request.POST.get("version", "")[:10]
    return int(sent) if sent.isdecimal() else None


def _is_confirmed(request: TeamRequest) -> bool:
    return request.headers.get("X-Confirmed") == "1"


@require_POST
@needs(Action.ANSWER)
def claim(request: TeamRequest, pk: int) -> HttpResponseBase:
    questions.claim(
        question=_question(request, pk),
        user=request.user,
        actor=actor_of(request.member),
        version=_version(request),
        confirmed=_is_confirmed(request),
    )
    return done()


@require_POST
@needs(Action.ANSWER)
def claim_comment(request: TeamRequest, code: str, event: int) -> HttpResponseBase:
    room = get_object_or_404(Room, team=request.team, code=code)
    questions.claim_comment(room=room, event_id=event, user=request.user, actor=actor_of(request.member))
    return done()


@require_POST
@needs(Action.ANSWER)
def release(request: TeamRequest, pk: int) -> HttpResponseBase:
    question, actor = _question(request, pk), actor_of(request.member)
    questions.release(question=question, user=request.user, actor=actor, version=_version(request))
    return done()


@require_POST
@needs(Action.ANSWER)
def close(request: TeamRequest, pk: int) -> HttpResponseBase:
    question, actor = _question(request, pk), actor_of(request.member)
    questions.close(question=question, user=request.user, actor=actor, version=_version(request))
    return done()
