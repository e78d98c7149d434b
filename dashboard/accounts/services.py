"""What admins do with people. A changed role or a removal closes the person's open sockets within a second."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from dashboard.accounts.models import Member, Role, Team, User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.events.record import lock_topic
from dashboard.lib.errors import Conflict, Invalid


def create_team(*, slug: str, name: str, language: str = "en", time_zone: str = "Asia/Shanghai") -> Team:
    with transaction.atomic():
        team = Team.objects.create(slug=slug, name=name, language=language, time_zone=time_zone)
        lock_topic(f"team:{team.pk}")
    return team


def add_member(
    *, team: Team, email: str, name: str, role: str, password: str, actor: Actor, added_by: User | None = None
) -> Member:
    """Add a person. Somebody new gets an account with this first password; who has one keeps their own."""
    email = email.strip().lower()
    with transaction.atomic():
        lock_topic(f"team:{team.pk}")
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            user = _new_user(email, name, password)
        elif Member.objects.filter(team=team, user=user).exists():
            raise Conflict(_("%(email)s is in this team already.") % {"email": email}, field="email")
        member = Member.objects.create(team=team, user=user, role=role, added_by=added_by)
        trail.record(
            team_id=team.pk, actor=actor, action="add_member", target=member, after={"email": email, "role": role}
        )
    return member


def _new_user(email: str, name: str, password: str) -> User:
    if not name.strip():
        raise Invalid(_("Write the person's name."), field="name")
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from None
    return User.objects.create_user(email, password, name=name.strip())


def change_role(*, member: Member, role: str, actor: Actor) -> Member:
    with transaction.atomic():
        lock_topic(f"team:{member.team_id}")
        member.refresh_from_db()
        before = member.role
        if before == role:
            return member
        if before == Role.ADMIN:
            _keep_one_admin(member)
        Member.objects.filter(pk=member.pk).update(role=role)
        _close_sockets(member.user_id)
        trail.record(
            team_id=member.team_id,
            actor=actor,
            action="change_role",
            target=member,
            before={"role": before},
            after={"role": role},
        )
        member.refresh_from_db()
    return member


def remove_member(*, member: Member, actor: Actor) -> None:
    with transaction.atomic():
        lock_topic(f"team:{member.team_id}")
        present = Member.objects.select_related("user").filter(pk=member.pk).first()
        if present is None:
            return
        member = present
        if member.role == Role.ADMIN:
            _keep_one_admin(member)
        trail.record(
            team_id=member.team_id,
            actor=actor,
            action="remove_member",
            target=member,
            before={"email": member.user.email, "role": member.role},
        )
        _close_sockets(member.user_id)
        member.delete()


def _keep_one_admin(member: Member) -> None:
    others = Member.objects.filter(team_id=member.team_id, role=Role.ADMIN, user__is_active=True).exclude(pk=member.pk)
    if not others.exists():
        raise Conflict(_("This is the team's last admin. Make somebody else admin first."), field="role")


def save_undo_window(*, team: Team, seconds: Mapping[str, int], actor: Actor) -> Team:
    """How long what people of each role say is held, in seconds. It counts for what is said from now on."""
    with transaction.atomic():
        lock_topic(f"team:{team.pk}")
        team.refresh_from_db()
        before, after = dict(team.undo_s), dict(seconds)
        if before == after:
            return team
        team.undo_s = after
        team.save(update_fields=["undo_s"])
        trail.record(team_id=team.pk, actor=actor, action="save_undo_window", target=team, before=before, after=after)
    return team


def save_retention(*, team: Team, keep_days: int, actor: Actor) -> Team:
    """How many days events stay in the database before they are archived; from the worker's next round on."""
    with transaction.atomic():
        lock_topic(f"team:{team.pk}")
        team.refresh_from_db()
        before = team.keep_days
        if before == keep_days:
            return team
        team.keep_days = keep_days
        team.save(update_fields=["keep_days"])
        trail.record(
            team_id=team.pk,
            actor=actor,
            action="save_retention",
            target=team,
            before={"keep_days": before},
            after={"keep_days": keep_days},
        )
    return team


def _close_sockets(user_id: int) -> None:
    User.objects.filter(pk=user_id).update(access_epoch=F("access_epoch") + 1)


def save_language(*, user: User, language: str) -> User:
    user.language = language
    user.save(update_fields=["language"])
    return user


def save_settings(*, user: User, language: str, time_zone: str, letter_keys: bool) -> User:
    user.language, user.time_zone, user.letter_keys = language, time_zone, letter_keys
    user.save(update_fields=["language", "time_zone", "letter_keys"])
    return user
