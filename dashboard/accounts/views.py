"""Signing in, the team's people, one's own settings."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.accounts import services
from dashboard.accounts.access import Action, Deed, TeamRequest, actor_of, confirm, does, needs
from dashboard.accounts.forms import MemberForm, RetentionForm, RoleForm, SettingsForm, SignInForm, UndoForm
from dashboard.accounts.models import UNDO_S, Member, Role, User
from dashboard.accounts.selectors import first_team, members
from dashboard.lib.errors import Refusal
from dashboard.lib.languages import Language


class SignIn(auth_views.LoginView):
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        user = form.get_user()
        response.set_cookie("talkback_language", user.language, samesite="Lax", max_age=365 * 24 * 3600)
        return response


class SignOut(auth_views.LogoutView):
    pass


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The wall of the person's first team."""
    team = first_team(cast(User, request.user))
    if team is None:
        return render(request, "accounts/no_team.html", status=200)
    return redirect("console:wall", team.slug)


@require_GET
@never_cache
def csrf(request: HttpRequest) -> JsonResponse:
    """A fresh token for a page that was open while its person signed in again in another tab."""
    return JsonResponse({"token": get_token(request)})


def set_language(request: HttpRequest) -> HttpResponseBase:
    """The language of this browser, and of its person in every browser they sign in with from now on."""
    response = i18n.set_language(request)
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in Language.values:
        services.save_language(user=request.user, language=language)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


@require_GET
@needs(Action.SEE_TEAM)
def team(request: TeamRequest) -> HttpResponseBase:
    return _team_page(request, MemberForm())


def _team_page(
    request: TeamRequest,
    form: MemberForm,
    status: int = 200,
    undo: UndoForm | None = None,
    kept: RetentionForm | None = None,
) -> HttpResponse:
    people = list(members(request.team))
    context = {
        "members": people,
        "form": form,
        "undo": undo or UndoForm(initial=dict.fromkeys(UndoForm.base_fields, UNDO_S) | request.team.undo_s),
        "kept": kept or RetentionForm(initial={"keep_days": request.team.keep_days}),
        "roles": Role.choices,
        "page": "team",
        "counts": {"team": len(people)},
        "topics_json": "{}",
    }
    return render(request, "accounts/team.html", context, status=status)


@require_POST
@needs(Action.EDIT_POLICY)
def undo_window(request: TeamRequest) -> HttpResponseBase:
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _team_page(request, MemberForm(), status=422, undo=form)
    services.save_undo_window(team=request.team, seconds=form.cleaned_data, actor=actor_of(request.member))
    messages.success(request, _("The undo window is saved. It counts for what is said from now on."))
    return redirect("accounts:team", request.team.slug)


@require_POST
@needs(Action.EDIT_POLICY)
def retention(request: TeamRequest) -> HttpResponseBase:
    form = RetentionForm(request.POST)
    if not form.is_valid():
        return _team_page(request, MemberForm(), status=422, kept=form)
    services.save_retention(team=request.team, actor=actor_of(request.member), **form.cleaned_data)
    messages.success(request, _("How long events are kept is saved. Older ones leave within hours."))
    return redirect("accounts:team", request.team.slug)


@require_POST
@needs(Action.EDIT_TEAM)
def add_member(request: TeamRequest) -> HttpResponseBase:
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _team_page(request, form, status=422)
    data = form.cleaned_data
    try:
        member = services.add_member(
            team=request.team,
            email=data["email"],
            name=data["name"],
            role=data["role"],
            password=data["password"],
            actor=actor_of(request.member),
            added_by=request.user,
        )
    except Refusal as refusal:
        form.add_error(refusal.field or None, refusal.message)
        return _team_page(request, form, status=422)
    messages.success(request, _("%(name)s is in the team now.") % {"name": member.user})
    return redirect("accounts:team", request.team.slug)


@require_POST
@needs(Action.EDIT_TEAM)
@does(Deed.CHANGE_ROLE, Deed.OWN_ROLE)
def change_role(request: TeamRequest, pk: int) -> HttpResponseBase:
    member = get_object_or_404(Member.objects.select_related("user"), team=request.team, pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the four roles."))
        return redirect("accounts:team", request.team.slug)
    confirm(request, Deed.OWN_ROLE if member.user_id == request.user.pk else Deed.CHANGE_ROLE)
    services.change_role(member=member, role=form.cleaned_data["role"], actor=actor_of(request.member))
    messages.success(request, _("%(name)s has another role now; their open pages close.") % {"name": member.user})
    return redirect("accounts:team", request.team.slug)


@require_POST
@needs(Action.EDIT_TEAM)
@does(Deed.REMOVE_MEMBER)
def remove_member(request: TeamRequest, pk: int) -> HttpResponseBase:
    member = get_object_or_404(Member.objects.select_related("user"), team=request.team, pk=pk)
    name = str(member.user)
    services.remove_member(member=member, actor=actor_of(request.member))
    messages.success(request, _("%(name)s is no longer in the team.") % {"name": name})
    return redirect("accounts:team", request.team.slug)


@login_required
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    initial = {"language": user.language, "time_zone": user.time_zone, "letter_keys": user.letter_keys}
    form = SettingsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.save_settings(user=user, **form.cleaned_data)
        with translation.override(user.language):
            messages.success(request, _("Your settings are kept."))
        response = redirect("accounts:settings")
        response.set_cookie("talkback_language", user.language, samesite="Lax", max_age=365 * 24 * 3600)
        return response
    status = 422 if form.is_bound else 200
    member = Member.objects.select_related("team", "user").filter(user=user).order_by("team__name").first()
    if member is not None:
        cast(TeamRequest, request).member = member
    return render(
        request, "accounts/settings.html", {"form": form, "page": "settings", "topics_json": "{}"}, status=status
    )


sign_in = SignIn.as_view()
sign_out = SignOut.as_view()
