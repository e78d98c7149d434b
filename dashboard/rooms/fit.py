"""Whether rules fit a vendor that takes what they say as sentences of ours: SoftSugar, which runs none itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from dashboard.lib.errors import Invalid
from dashboard.rooms.models import Room, RuleSet
from dashboard.rooms.rule_words import cut, title
from dashboard.rooms.rules.model import Rule
from dashboard.rooms.rules.stored import read_rules
from dashboard.vendors.models import VendorKind

#: SoftSugar refuses shorter texts (004:237); a rule's are said as they are written, never joined or repeated.
SHORTEST_REPLY = 10


def misfit(rules: Sequence[Rule]) -> str:
    """The first thing in `rules` that a SoftSugar room could not say, as a sentence; "" where it could say all."""
    for place, rule in enumerate(rules):
        name = title(rule, place)
        for text in rule.trigger.texts:
            if len(text.strip()) < SHORTEST_REPLY:
                told = _("SoftSugar takes sentences of %(least)d characters or more, and %(rule)s says “%(text)s”.")
                return told % {"least": SHORTEST_REPLY, "rule": name, "text": cut(text)}
        if rule.trigger.audios:
            return _("SoftSugar plays no recordings, and %(rule)s has one.") % {"rule": name}
        if rule.enabled and not rule.trigger.is_audible:
            return _("%(rule)s says nothing that SoftSugar could say.") % {"rule": name}
    return ""


def check_fits(vendor: str, rule_set: RuleSet | None) -> None:
    """Raise `Invalid` where rooms of this vendor could not answer by the set."""
    if vendor != VendorKind.SOFTSUGAR or rule_set is None:
        return
    if told := misfit(read_rules(rule_set.rules)):
        raise Invalid(told + " " + _("Change the rule, or choose others."), field="rule_set")


def check_fits_rooms(rules: Sequence[Rule], rooms: Sequence[Room]) -> None:
    """Raise `Invalid` where one of the rooms (with their accounts) that use these rules could not answer by them."""
    codes = [room.code for room in rooms if room.account.vendor == VendorKind.SOFTSUGAR]
    if codes and (told := misfit(rules)):
        raise Invalid(
            told + " " + _("%(codes)s answer by these rules. Nothing was saved.") % {"codes": ", ".join(codes)}
        )
