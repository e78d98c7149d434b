"""The rows of rule sets: what may be stored, and who changes one row at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from dashboard.lib.errors import Conflict, Invalid, NotThere
from dashboard.rooms.models import RuleSet
from dashboard.rooms.rules.model import Rule
from dashboard.rooms.rules.stored import written
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.validation import check_object

TABLE = "LiveRoomInteractionRuleInfo"


def storable(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """The rules as they are stored and sent; the form asked the same limits, the contract has the last word."""
    stored = [written(rule) for rule in rules]
    book = contract("metastudio")
    for number, rule in enumerate(stored, start=1):
        if faults := check_object(book, TABLE, rule):
            text = _("Rule %(number)d is not as the vendor takes it: %(fault)s.")
            raise Invalid(text % {"number": number, "fault": faults[0]})
    return stored


def locked(rule_set: RuleSet) -> RuleSet:
    """The row as it is, for the rest of the transaction; a room that begins to use it waits for the same lock."""
    row = RuleSet.objects.select_for_update().filter(pk=rule_set.pk).first()
    if row is None:
        raise NotThere(_("Somebody deleted these rules meanwhile."))
    return row


@contextmanager
def free_name(name: str) -> Iterator[None]:
    """A transaction that takes this name, or tells that another set of the team has it."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        text = _("Another rule set of this team is called %(name)s. Choose another name.") % {"name": name}
        raise Conflict(text, field="name") from None
