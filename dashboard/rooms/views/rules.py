"""Rule sets: the list, the editor with its test box, and what the editor does without saving."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, does, needs
from dashboard.lib.errors import Conflict, Invalid, Refusal
from dashboard.lib.htmx import go_to, wants_fragment
from dashboard.rooms import rule_pages as pages
from dashboard.rooms.forms.rules import Editor
from dashboard.rooms.forms.tries import LATEST, Tries
from dashboard.rooms.models import Room, RuleSet
from dashboard.rooms.selectors import latest_audience, rooms_using, rooms_with_an_audience, rule_sets_of
from dashboard.rooms.services import rule_sets as services
from dashboard.rooms.services.delete_rules import delete_rule_set

SETS_PER_PAGE = 20
ROOMS_OFFERED = 100


@require_GET
@needs(Action.SEE)
def rule_sets(request: TeamRequest) -> HttpResponseBase:
    found = Paginator(rule_sets_of(request.team), SETS_PER_PAGE).get_page(request.GET.get("page"))
    cards = [pages.card(one, request.team.slug) for one in found.object_list]
    return render(request, "rooms/rule_sets.html", {"cards": cards, "pages": found, "page": "rules"})


@require_http_methods(["GET", "POST"])
@needs(Action.EDIT_RULES)
def create(request: TeamRequest) -> HttpResponseBase:
    if request.method == "GET":
        editor = Editor.of([])
        editor.do("add")
        return _page(request, None, editor, Tries.example())
    return _save(request, None)


@require_http_methods(["GET", "POST"])
@needs(Action.SEE)
def rule_set(request: TeamRequest, pk: int) -> HttpResponseBase:
    row = get_object_or_404(RuleSet, team=request.team, pk=pk)
    if request.method == "POST":
        return _change(request, row)
    return _page(request, row, pages.editor_of(row), Tries.example())


@needs(Action.EDIT_RULES)
def _change(request: TeamRequest, row: RuleSet) -> HttpResponseBase:
    return _save(request, row)


def _save(request: TeamRequest, row: RuleSet | None) -> HttpResponseBase:
    editor, tries = Editor.sent(request.POST, judged=True), Tries.sent(request.POST, judged=False)
    if editor.is_valid():
        try:
            saved = _stored(request, row, editor)
        except Refusal as refusal:
            editor.refuse(refusal.message, refusal.field, version=_version_now(row))
        else:
            text = _("%(name)s is saved. Rooms on air keep the rules that they started with.")
            messages.success(request, text % {"name": saved.name})
            for number, rule in enumerate(editor.rules, start=1):
                if rule.short_hint:
                    words = {"number": number, "hint": rule.short_hint}
                    messages.warning(request, _("Rule %(number)d: %(hint)s") % words)
            return redirect("rooms:rule_set", request.team.slug, saved.pk)
    return _page(request, row, editor, tries, status=422)


def _stored(request: TeamRequest, row: RuleSet | None, editor: Editor) -> RuleSet:
    draft = services.RuleSetDraft(editor.head.cleaned_data["name"].strip(), editor.drafted())
    actor = actor_of(request.member)
    if row is None:
        return services.create_rule_set(team=request.team, draft=draft, actor=actor)
    version = editor.head.cleaned_data["version"] or 0
    return services.update_rule_set(rule_set=row, draft=draft, version=version, actor=actor)


def _version_now(row: RuleSet | None) -> int:
    """What a second press of Save goes on from, after the person was told that there is something newer."""
    now = RuleSet.objects.filter(pk=row.pk).values_list("version", flat=True).first() if row else None
    return now or 0


@require_POST
@needs(Action.SEE)
def draft(request: TeamRequest) -> HttpResponseBase:
    """What the page does without saving: changes its lists, reads a rule again, fetches events, tries the rules."""
    deed = request.POST.get("do", "")[:40]
    verb, _colon, key = deed.partition(":")
    if verb == "run":
        return _run(request)
    editor, tries = Editor.sent(request.POST, judged=False), Tries.sent(request.POST, judged=False)
    if verb == "read":
        rule = next((one for one in editor.rules if one.key == key), None)
        return render(request, "rooms/_rule_says.html", {"rule": rule}) if rule else HttpResponse(status=204)
    if verb in ("event", "unevent", "latest", "example"):
        tries = _tries(request, tries, verb, key)
        return _answer(request, "rooms/_tries.html", editor, tries)
    editor.do(deed)
    return _answer(request, "rooms/_rules.html", editor, tries)


def _tries(request: TeamRequest, tries: Tries, verb: str, key: str) -> Tries:
    if verb == "event":
        tries.add()
    elif verb == "unevent":
        tries.remove(key)
    elif verb == "example":
        return Tries.example()
    else:
        room = get_object_or_404(Room, team=request.team, code=request.POST.get("room", "")[:4])
        if not (events := latest_audience(room, limit=LATEST)):
            raise Invalid(_("%(code)s has no recorded audience yet.") % {"code": room.code}, field="room")
        return Tries.recorded(events)
    return tries


def _run(request: TeamRequest) -> HttpResponseBase:
    editor, tries = Editor.sent(request.POST, judged=True), Tries.sent(request.POST, judged=True)
    # A rule set that is tried needs no name yet. Both are asked, so that every fault is told at once.
    are_valid = [editor.has_valid_rules(), tries.is_valid()]
    if not all(are_valid):
        return _answer(request, "rooms/_decided.html", editor, tries, unread=pages.faults_to_try(editor, tries))
    decided = pages.tried(editor.drafted(), tries.events(), tries.seed)
    return _answer(request, "rooms/_decided.html", editor, tries, decided=decided, is_tried=True)


def _answer(request: TeamRequest, fragment: str, editor: Editor, tries: Tries, **found: Any) -> HttpResponseBase:
    """The changed part for htmx, the whole page where there is no script."""
    if wants_fragment(request):
        context = {"editor": editor, "tries": tries, "rooms": _rooms(request, fragment), **found}
        return render(request, fragment, context)
    named = request.POST.get("rule_set", "")
    row = get_object_or_404(RuleSet, team=request.team, pk=int(named)) if named.isdecimal() else None
    return _page(request, row, editor, tries, **found)


def _rooms(request: TeamRequest, fragment: str = "rooms/_tries.html") -> list[Room]:
    is_asked = fragment == "rooms/_tries.html"
    return rooms_with_an_audience(request.team, limit=ROOMS_OFFERED) if is_asked else []


def _page(
    request: TeamRequest, row: RuleSet | None, editor: Editor, tries: Tries, *, status: int = 200, **found: Any
) -> HttpResponse:
    using = rooms_using(row) if row else []
    context = {
        "rule_set": row,
        "editor": editor,
        "tries": tries,
        "rooms": _rooms(request),
        "using": using,
        "dialog": pages.delete_dialog(row, using, request.team.slug) if row else None,
        "faults": pages.faults(editor) if status == 422 else [],
        "page": "rules",
        **found,
    }
    return render(request, "rooms/rule_set.html", context, status=status)


@require_POST
@needs(Action.EDIT_RULES)
@does(Deed.DELETE_RULES)
def delete(request: TeamRequest, pk: int) -> HttpResponseBase:
    row = get_object_or_404(RuleSet, team=request.team, pk=pk)
    reason, word = request.POST.get("reason", "").strip()[:200], request.POST.get("word", "").strip()
    if word.casefold() != row.name.casefold():
        raise Conflict(_("Type %(name)s to delete it. Nothing was deleted.") % {"name": row.name}, field="word")
    if not reason:
        raise Invalid(_("Write the reason; it is kept in the audit. Nothing was deleted."), field="reason")
    used_by = [code for code in request.GET.get("used", "").split(",") if code]
    delete_rule_set(rule_set=row, used_by=used_by, user=request.user, actor=actor_of(request.member), reason=reason)
    messages.success(request, _("%(name)s is deleted.") % {"name": row.name})
    url = reverse("rooms:rule_sets", args=[request.team.slug])
    return go_to(url) if wants_fragment(request) else redirect(url)
