"""People, teams, and who may do what in which team."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from dashboard.lib.languages import Language


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(_("language"), max_length=16, choices=Language.choices, default=Language.ENGLISH)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    letter_keys = models.BooleanField(_("single-letter keys"), default=True)
    is_active = models.BooleanField(default=True)
    #: Raised whenever what this person may see changes; open sockets compare it every second.
    access_epoch = models.PositiveIntegerField(default=0)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        parts = self.name.split()
        return "".join(part[0] for part in parts[:2]).upper() if len(parts) > 1 else self.name[:2].upper()


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    OPERATOR = "operator", _("Operator")
    PRODUCER = "producer", _("Producer")
    ADMIN = "admin", _("Admin")

    def covers(self, other: str) -> bool:
        """Whether this role may all that `other` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(Role(other))


#: How long what a person says is held, unless the team's admins chose otherwise; and the longest they may choose.
UNDO_S, LONGEST_UNDO_S = 3, 10


class Team(models.Model):
    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(max_length=16, choices=Language.choices, default=Language.ENGLISH)
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    #: The undo window in whole seconds by role, 0 for none; a role that is not in it has `UNDO_S`.
    undo_s = models.JSONField(default=dict, blank=True)
    #: Raised by each change of phrases, products and words, so that open desks fetch them anew.
    library_version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="member_once_per_team"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="member_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    @property
    def undo_s(self) -> int:
        """How long this person may take back what they said, in seconds, before it leaves."""
        return int(self.team.undo_s.get(self.role, UNDO_S))
