"""Adding, changing and testing vendor accounts, and what their codes mean. The list joins domains: see console/."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.accounts.access import Action, TeamRequest, actor_of, needs
from dashboard.lib.errors import Refusal
from dashboard.lib.htmx import done
from dashboard.vendors import help as codes
from dashboard.vendors import services
from dashboard.vendors.forms import AccountForm, initial_of
from dashboard.vendors.models import VendorAccount


def _account(request: TeamRequest, pk: int) -> VendorAccount:
    return get_object_or_404(VendorAccount, team=request.team, pk=pk, archived_at=None)


@require_http_methods(["GET", "POST"])
@needs(Action.EDIT_ACCOUNTS)
def create(request: TeamRequest) -> HttpResponseBase:
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = services.create_account(team=request.team, draft=form.draft(), actor=actor_of(request.member))
        except Refusal as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("%(name)s is added and being tested.") % {"name": account.name})
            return redirect("console:vendor_accounts", request.team.slug)
    return _page(request, form, None)


@require_http_methods(["GET", "POST"])
@needs(Action.EDIT_ACCOUNTS)
def edit(request: TeamRequest, pk: int) -> HttpResponseBase:
    account = _account(request, pk)
    form = AccountForm(request.POST or None, account=account, initial=initial_of(account))
    if request.method == "POST" and form.is_valid():
        try:
            services.update_account(account=account, draft=form.draft(), actor=actor_of(request.member))
        except Refusal as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("%(name)s is saved and being tested.") % {"name": account.name})
            return redirect("console:vendor_accounts", request.team.slug)
    return _page(request, form, account)


@require_POST
@needs(Action.TEST_ACCOUNT)
def test(request: TeamRequest, pk: int) -> HttpResponseBase:
    services.request_test(account=_account(request, pk), actor=actor_of(request.member))
    return done(_("Asked the vendor; the answer appears here."))


@require_POST
@needs(Action.EDIT_ACCOUNTS)
def import_rooms(request: TeamRequest, pk: int) -> HttpResponseBase:
    services.request_import(account=_account(request, pk), actor=actor_of(request.member))
    return done(_("Asked for the vendor's rooms; new ones appear in Rooms."))


@require_GET
@needs(Action.SEE)
def help_errors(request: TeamRequest) -> HttpResponse:
    text = request.GET.get("q", "")[: codes.LONGEST_SEARCH].strip()
    vendor = request.GET.get("vendor", "")[:16]
    pages = Paginator(codes.search(text, vendor), codes.CODES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "codes": codes.shown(pages.object_list),
        "pages": pages,
        "q": text,
        "vendor": vendor,
        "page": "help",
        "topics_json": "{}",
    }
    return render(request, "vendors/help.html", context)


def _page(request: TeamRequest, form: AccountForm, account: VendorAccount | None) -> HttpResponse:
    status = 422 if form.is_bound else 200
    context = {"form": form, "account": account, "page": "vendors", "topics_json": "{}"}
    return render(request, "vendors/form.html", context, status=status)
