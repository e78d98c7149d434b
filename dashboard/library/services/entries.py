"""Producers keep products, phrases and banned words. What they change counts from the next press on."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.db.models import F, ProtectedError
from django.utils.translation import gettext as _

from dashboard.accounts.models import Team
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.events.record import raise_sequence
from dashboard.lib.errors import Conflict
from dashboard.library.models import BannedWord, Product, QuickReply

Entry = Product | QuickReply | BannedWord


def save_entry(*, entry: Entry, actor: Actor) -> None:
    """Add or change one; the trail keeps what changed."""
    with transaction.atomic():
        was = type(entry)._default_manager.filter(pk=entry.pk).first() if entry.pk else None
        entry.save()
        before, after = _told(was) if was is not None else {}, _told(entry)
        trail.record(
            team_id=entry.team_id,
            actor=actor,
            action="edit_library",
            target=entry,
            before={name: value for name, value in before.items() if after[name] != value},
            after={name: value for name, value in after.items() if before.get(name) != value},
        )
        _tell_desks(entry.team_id)


def delete_entry(*, entry: Entry, actor: Actor) -> None:
    """Gone for good; a product that is on air somewhere stays."""
    with transaction.atomic():
        trail.record(
            team_id=entry.team_id, actor=actor, action="delete_from_library", target=entry, before=_told(entry)
        )
        try:
            entry.delete()
        except ProtectedError as error:
            codes = ", ".join(sorted(getattr(one, "code", "") for one in error.protected_objects))
            raise Conflict(
                _("%(name)s is on air in %(rooms)s. Choose another product there first; nothing was deleted.")
                % {"name": str(entry), "rooms": codes}
            ) from None
        _tell_desks(entry.team_id)


def _tell_desks(team_id: int) -> None:
    """A key must say the same on every desk, so the open ones hear of it."""
    Team.objects.filter(pk=team_id).update(library_version=F("library_version") + 1)
    raise_sequence(f"team:{team_id}")


def _told(entry: models.Model) -> dict[str, Any]:
    names = [field.attname for field in entry._meta.concrete_fields if field.name not in ("id", "team")]
    return {name: None if (value := getattr(entry, name)) is None else str(value) for name in names}
