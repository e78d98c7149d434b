"""The one table of who may do what. Views, fragments, topics and intake all ask it; nothing else looks at a role."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext as _

from dashboard.accounts.models import Member, Role
from dashboard.lib.errors import Forbidden


class Action(StrEnum):
    SEE = "see"
    TAKE_OVER = "take_over"
    CANCEL_TAKEOVER = "cancel_takeover"
    SETTLE_TAKEOVER = "settle_takeover"
    SILENCE = "silence"
    SILENCE_ALL = "silence_all"
    MOVE_TAKEOVER = "move_takeover"
    APPROVE = "approve"
    TAKE_FLOOR = "take_floor"
    STEER = "steer"
    REWRITE = "rewrite"
    ANSWER = "answer"
    EDIT_LIBRARY = "edit_library"
    EDIT_POLICY = "edit_policy"
    START_JOB = "start_job"
    STOP_JOB = "stop_job"
    ADOPT_JOB = "adopt_job"
    CLOSE_SESSION = "close_session"
    EDIT_ROOM = "edit_room"
    EDIT_RULES = "edit_rules"
    CREATE_ROOM = "create_room"
    ARCHIVE_ROOM = "archive_room"
    SEE_ACCOUNTS = "see_accounts"
    EDIT_ACCOUNTS = "edit_accounts"
    TEST_ACCOUNT = "test_account"
    SEE_TEAM = "see_team"
    EDIT_TEAM = "edit_team"
    REHEARSE = "rehearse"
    SEE_STATUS = "see_status"


_VIEWER = frozenset({Action.SEE, Action.SEE_ACCOUNTS, Action.SEE_TEAM})
_OPERATOR = _VIEWER | {
    Action.TAKE_OVER,
    Action.CANCEL_TAKEOVER,
    Action.SETTLE_TAKEOVER,
    Action.SILENCE,
    Action.SILENCE_ALL,
    Action.MOVE_TAKEOVER,
    Action.APPROVE,
    Action.TAKE_FLOOR,
    Action.STEER,
    Action.ANSWER,
    Action.START_JOB,
    Action.STOP_JOB,
    Action.ADOPT_JOB,
    Action.CLOSE_SESSION,
    Action.REHEARSE,
}
_PRODUCER = _OPERATOR | {
    Action.EDIT_ROOM,
    Action.CREATE_ROOM,
    Action.ARCHIVE_ROOM,
    Action.EDIT_RULES,
    Action.REWRITE,
    Action.EDIT_LIBRARY,
}
_ADMIN = _PRODUCER | {
    Action.EDIT_ACCOUNTS,
    Action.TEST_ACCOUNT,
    Action.EDIT_TEAM,
    Action.EDIT_POLICY,
    Action.SEE_STATUS,
}

ALLOWED: dict[str, frozenset[Action]] = {
    Role.VIEWER: _VIEWER,
    Role.OPERATOR: _OPERATOR,
    Role.PRODUCER: _PRODUCER,
    Role.ADMIN: _ADMIN,
}


def may(member: Member | None, action: Action) -> bool:
    return member is not None and action in ALLOWED[member.role]


def least_role(action: Action) -> Role:
    """The smallest role that may do `action`; screens name it where they refuse."""
    return next(role for role in (Role.VIEWER, Role.OPERATOR, Role.PRODUCER, Role.ADMIN) if action in ALLOWED[role])


def require(member: Member | None, action: Action) -> None:
    """Raise `Forbidden` with the role that could, unless `member` may do `action`."""
    if not may(member, action):
        role = least_role(action).label
        text = _("Your role cannot do this; it takes the role %(role)s. An admin of the team can give it to you.")
        raise Forbidden(text % {"role": role}, code="role")
