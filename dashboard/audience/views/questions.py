"""Claim, release and close what the audience asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, confirm, does, needs
from dashboard.accounts.danger import is_confirmed
from dashboard.audience.models import Question
from dashboard.audience.services import questions
from dashboard.lib.errors import Conflict
from dashboard.lib.htmx import done
from dashboard.rooms.models import Room


def _question(request: TeamRequest, pk: int) -> Question:
    return get_object_or_404(Question.objects.select_related("room"), team=request.team, pk=pk)


def _version(request: TeamRequest) -> int | None:
    sent = request.POST.get("version", "")[:10]
    return int(sent) if sent.isdecimal() else None


@require_POST
@needs(Action.ANSWER)
@does(Deed.CLAIM, Deed.CLAIM_FROM)
def claim(request: TeamRequest, pk: int) -> HttpResponseBase:
    question, actor, version = _question(request, pk), actor_of(request.member), _version(request)
    with _second_press(request):
        questions.claim(
            question=question, user=request.user, actor=actor, version=version, confirmed=is_confirmed(request)
        )
    return done()


@require_POST
@needs(Action.ANSWER)
@does(Deed.CLAIM, Deed.CLAIM_FROM)
def claim_comment(request: TeamRequest, code: str, event: int) -> HttpResponseBase:
    room, actor = get_object_or_404(Room, team=request.team, code=code), actor_of(request.member)
    with _second_press(request):
        questions.claim_comment(
            room=room, event_id=event, user=request.user, actor=actor, confirmed=is_confirmed(request)
        )
    return done()


@contextmanager
def _second_press(request: TeamRequest) -> Iterator[None]:
    """What a colleague has claimed meanwhile is found out under the room's lock: then the button is armed."""
    try:
        yield
    except Conflict as refused:
        if refused.code == questions.CLAIMED:
            confirm(request, Deed.CLAIM_FROM, refused.message)
        raise


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
