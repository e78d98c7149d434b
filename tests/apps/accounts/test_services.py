"""People and teams: first passwords, roles, and the admin that must remain."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.urls import reverse

from dashboard.accounts import services
from dashboard.accounts.models import Member, Role, User
from dashboard.accounts.policy import ALLOWED, Action, least_role, may, require
from dashboard.audit.models import AuditEntry
from dashboard.lib.errors import Conflict, Forbidden, Invalid
from tests.cast import PASSWORD, Cast, person

pytestmark = pytest.mark.django_db


def add(cast: Cast, **changes: Any) -> Member:
    base: dict[str, Any] = {
        "team": cast.alpha,
        "email": " New@Alpha.test ",
        "name": "New One",
        "role": Role.VIEWER,
        "password": "a-quite-new-password",
        "actor": cast.ada.actor,
        "added_by": cast.ada.user,
    }
    return services.add_member(**(base | changes))


def epoch(member: Member) -> int:
    return User.objects.get(pk=member.user_id).access_epoch


# ----------------------------------------------------------------------------------------------------------------- add


def test_somebody_new_gets_a_login(cast: Cast) -> None:
    member = add(cast)
    assert (member.user.email, member.role, member.added_by) == ("new@alpha.test", "viewer", cast.ada.user)
    assert member.user.check_password("a-quite-new-password")
    entry = AuditEntry.objects.get(action="add_member", target_id=member.pk)
    assert entry.after == {"email": "new@alpha.test", "role": "viewer"}
    assert "password" not in str(entry.after)


def test_who_has_a_login_keeps_their_password_and_name(cast: Cast) -> None:
    member = add(cast, team=cast.omega, email="OKI@alpha.test", name="Other", password="")
    assert member.user == cast.oki.user
    assert (member.user.name, member.user.check_password(PASSWORD)) == ("Oki Wang", True)


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"email": "oki@alpha.test"}, Conflict, "email"),
        ({"name": "  "}, Invalid, "name"),
        ({"password": "short"}, Invalid, "password"),
        ({"password": "password123"}, Invalid, "password"),
        ({"password": "new@alpha.test"}, Invalid, "password"),
    ],
)
def test_what_cannot_be_added_names_its_field_and_leaves_nothing(
    cast: Cast, changes: dict[str, str], error: type[Exception], field: str
) -> None:
    before = (User.objects.count(), Member.objects.count(), AuditEntry.objects.count())
    with pytest.raises(error) as refused:
        add(cast, **changes)
    assert refused.value.field == field  # type: ignore[attr-defined]
    assert (User.objects.count(), Member.objects.count(), AuditEntry.objects.count()) == before


# --------------------------------------------------------------------------------------------------------------- roles


def test_a_changed_role_closes_the_persons_sockets(cast: Cast) -> None:
    before = epoch(cast.oki.member)
    member = services.change_role(member=cast.oki.member, role=Role.PRODUCER, actor=cast.ada.actor)
    assert (member.role, epoch(member)) == ("producer", before + 1)
    entry = AuditEntry.objects.get(action="change_role")
    assert (entry.before, entry.after) == ({"role": "operator"}, {"role": "producer"})
    services.change_role(member=member, role=Role.PRODUCER, actor=cast.ada.actor)
    assert epoch(member) == before + 1
    assert AuditEntry.objects.filter(action="change_role").count() == 1


def test_a_removed_member_is_gone_and_their_sockets_close(cast: Cast) -> None:
    before = epoch(cast.oki.member)
    user = cast.oki.user
    services.remove_member(member=cast.oki.member, actor=cast.ada.actor)
    assert not Member.objects.filter(team=cast.alpha, user=user).exists()
    assert User.objects.get(pk=user.pk).access_epoch == before + 1
    assert AuditEntry.objects.get(action="remove_member").before == {"email": "oki@alpha.test", "role": "operator"}


def test_the_last_admin_stays(cast: Cast) -> None:
    with pytest.raises(Conflict):
        services.remove_member(member=cast.ada.member, actor=cast.ada.actor)
    with pytest.raises(Conflict):
        services.change_role(member=cast.ada.member, role=Role.VIEWER, actor=cast.ada.actor)
    member = Member.objects.get(pk=cast.ada.member.pk)
    assert (member.role, epoch(member)) == ("admin", 0)
    assert not AuditEntry.objects.filter(action__in=("remove_member", "change_role")).exists()


def test_a_switched_off_admin_does_not_count(cast: Cast) -> None:
    second = person(cast.alpha, "Bea Xu", "admin")
    User.objects.filter(pk=second.user.pk).update(is_active=False)
    with pytest.raises(Conflict):
        services.remove_member(member=cast.ada.member, actor=cast.ada.actor)
    User.objects.filter(pk=second.user.pk).update(is_active=True)
    services.remove_member(member=cast.ada.member, actor=cast.ada.actor)
    assert Member.objects.filter(team=cast.alpha, role=Role.ADMIN).get() == second.member


def test_the_last_admin_is_looked_up_and_not_remembered(cast: Cast) -> None:
    """The page may be old: who was operator when it was opened may be the last admin now."""
    stale = Member.objects.get(pk=cast.oki.member.pk)
    services.change_role(member=cast.oki.member, role=Role.ADMIN, actor=cast.ada.actor)
    services.remove_member(member=cast.ada.member, actor=cast.ada.actor)
    with pytest.raises(Conflict):
        services.remove_member(member=stale, actor=cast.ada.actor)
    assert Member.objects.filter(team=cast.alpha, role=Role.ADMIN).count() == 1


def test_removing_twice_is_once(cast: Cast) -> None:
    first, second = (Member.objects.get(pk=cast.vic.member.pk) for _ in range(2))
    services.remove_member(member=first, actor=cast.ada.actor)
    services.remove_member(member=second, actor=cast.ada.actor)
    assert AuditEntry.objects.filter(action="remove_member").count() == 1


def test_the_view_says_why_the_last_admin_stays(cast: Cast, sign_in: Any) -> None:
    address = reverse("accounts:remove_member", args=["alpha", cast.ada.member.pk])
    answer = sign_in(cast.ada).post(address, headers={"HX-Request": "true", "X-Confirmed": "1"})
    assert answer.status_code == 409
    assert Member.objects.filter(pk=cast.ada.member.pk).exists()


# -------------------------------------------------------------------------------------------------------------- policy


def test_each_role_may_what_the_one_below_may() -> None:
    roles = [Role.VIEWER, Role.OPERATOR, Role.PRODUCER, Role.ADMIN]
    for lower, higher in itertools.pairwise(roles):
        assert ALLOWED[lower] < ALLOWED[higher]
    assert ALLOWED[Role.ADMIN] == set(Action)


@pytest.mark.parametrize("action", Action)
def test_a_refusal_names_the_role_that_could(cast: Cast, action: Action) -> None:
    least = least_role(action)
    assert next(role for role, allowed in ALLOWED.items() if action in allowed) == least
    assert not may(None, action)
    if not may(cast.vic.member, action):
        with pytest.raises(Forbidden) as refused:
            require(cast.vic.member, action)
        assert str(least.label) in refused.value.message
    require(cast.ada.member, action)
