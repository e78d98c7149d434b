"""The library: phrases, products, words. Everybody reads, producers write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.accounts.danger import Deed, does
from dashboard.lib.htmx import go_to, wants_fragment
from dashboard.library.forms import BannedWordForm, ProductForm, QuickReplyForm
from dashboard.library.models import QuickReply
from dashboard.library.selectors import on_the_same_place
from dashboard.library.services import entries

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Shelf:
    """One tab: its form, the columns of its list, and its words."""

    name: str
    form: type[ProductForm | QuickReplyForm | BannedWordForm]
    rows: str
    title: Any
    new: Any
    empty: Any

    @property
    def model(self) -> Any:
        return self.form.Meta.model


SHELVES = {
    shelf.name: shelf
    for shelf in (
        Shelf(
            "phrases",
            QuickReplyForm,
            "library/_phrases.html",
            _("Phrases"),
            _("New phrase"),
            _("No phrase yet. Phrases stand on the desk's keys 1 to 9 and are said with one press."),
        ),
        Shelf(
            "products",
            ProductForm,
            "library/_products.html",
            _("Products"),
            _("New product"),
            _("No product yet. The one on air fills {product} and {price}, and its price is checked in all words."),
        ),
        Shelf(
            "words",
            BannedWordForm,
            "library/_words.html",
            _("Words"),
            _("New banned word"),
            _("No banned word yet. Words that hold one are not sent, whoever or whatever asks."),
        ),
    )
}


def _shelf(name: str) -> Shelf:
    try:
        return SHELVES[name]
    except KeyError:
        raise Http404 from None


@require_GET
@needs(Action.SEE)
def shelf(request: TeamRequest, name: str) -> HttpResponseBase:
    one = _shelf(name)
    rows = one.model.objects.filter(team=request.team)
    if name == "phrases":
        rows = rows.select_related("room")
    if name == "products":
        rows = rows.prefetch_related("on_air_in")
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"shelf": one, "rows": shown.object_list, "pages": shown, "page": "library"}
    return render(request, "library/shelf.html", context)


@require_http_methods(["GET", "POST"])
@needs(Action.EDIT_LIBRARY)
def create(request: TeamRequest, name: str) -> HttpResponseBase:
    return _edit(request, _shelf(name), None)


@require_http_methods(["GET", "POST"])
@needs(Action.EDIT_LIBRARY)
def edit(request: TeamRequest, name: str, pk: int) -> HttpResponseBase:
    one = _shelf(name)
    return _edit(request, one, get_object_or_404(one.model, team=request.team, pk=pk))


def _edit(request: TeamRequest, one: Shelf, entry: entries.Entry | None) -> HttpResponseBase:
    form = one.form(request.POST or None, instance=entry, team=request.team)
    if request.method == "POST" and form.is_valid():
        saved: entries.Entry = form.save(commit=False)
        entries.save_entry(entry=saved, actor=actor_of(request.member))
        messages.success(request, _saved(saved))
        return redirect("library:shelf", request.team.slug, one.name)
    status = 422 if request.method == "POST" else 200
    context = {"shelf": one, "form": form, "entry": entry, "page": "library"}
    return render(request, "library/form.html", context, status=status)


def _saved(entry: entries.Entry) -> str:
    words = gettext("%(name)s is saved.") % {"name": str(entry)}
    if isinstance(entry, QuickReply) and (other := on_the_same_place(entry)) is not None:
        words += " " + gettext(
            "%(other)s has place %(place)d, too: the keys behind them moved, on open desks as well."
        ) % {
            "other": str(other),
            "place": entry.place,
        }
    return words


@require_POST
@needs(Action.EDIT_LIBRARY)
@does(Deed.DELETE_ENTRY)
def delete(request: TeamRequest, name: str, pk: int) -> HttpResponseBase:
    one = _shelf(name)
    entry = get_object_or_404(one.model, team=request.team, pk=pk)
    label = str(entry)
    entries.delete_entry(entry=entry, actor=actor_of(request.member))
    messages.success(request, gettext("%(name)s is deleted.") % {"name": label})
    target = redirect("library:shelf", request.team.slug, one.name)
    return go_to(target.url) if wants_fragment(request) else target
