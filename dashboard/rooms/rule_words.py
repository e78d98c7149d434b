"""Rules in words: each as one sentence, and why one answered an event or did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.rooms.rules.model import (
    EVERY_TIME,
    WHOLE_LIVE,
    Decision,
    EventType,
    Look,
    Match,
    Operation,
    Relation,
    ReplyOrder,
    Rule,
    Tag,
    Trigger,
    Verdict,
    Why,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

#: Longest piece of an audience's or author's text inside a sentence.
SHOWN = 60

EVENTS = {
    EventType.COMMENT: gettext_lazy("a comment"),
    EventType.JOIN: gettext_lazy("somebody joins"),
    EventType.LIKE: gettext_lazy("somebody likes"),
    EventType.GIFT: gettext_lazy("a gift"),
    EventType.FOLLOW: gettext_lazy("somebody follows"),
    EventType.VIEWERS: gettext_lazy("a number of viewers"),
}
_WHEN = {
    EventType.COMMENT: gettext_lazy("somebody comments"),
    EventType.JOIN: gettext_lazy("somebody joins"),
    EventType.LIKE: gettext_lazy("somebody likes"),
    EventType.GIFT: gettext_lazy("somebody sends a gift"),
}
#: Documented fields of an event's content (002:10037), by the kinds of event that have them.
_PERSON = (EventType.COMMENT, EventType.JOIN, EventType.LIKE, EventType.GIFT)
FIELDS: dict[str, tuple[tuple[EventType, ...], _StrPromise]] = {
    "content": ((EventType.COMMENT,), gettext_lazy("the text")),
    "name": (_PERSON, gettext_lazy("the person's name")),
    "level": (_PERSON, gettext_lazy("the person's level")),
    "badge": (_PERSON, gettext_lazy("the person's badge")),
    "badgeLevel": (_PERSON, gettext_lazy("the badge's level")),
    "giftName": ((EventType.GIFT,), gettext_lazy("the gift's name")),
    "giftNum": ((EventType.GIFT,), gettext_lazy("the number of gifts")),
    "giftValue": ((EventType.GIFT,), gettext_lazy("the value of one gift")),
    "totalValue": ((EventType.GIFT,), gettext_lazy("the value of the gifts")),
}
OPERATIONS = {
    Operation.NONE: gettext_lazy("in this event"),
    Operation.SUM: gettext_lazy("added up"),
    Operation.AVG: gettext_lazy("on average"),
    Operation.COUNT: gettext_lazy("how often"),
}
MATCHES = {
    Match.EQUAL: gettext_lazy("is exactly"),
    Match.REGEX: gettext_lazy("matches"),
    Match.GT: gettext_lazy("is more than"),
    Match.GE: gettext_lazy("is at least"),
    Match.LT: gettext_lazy("is less than"),
    Match.LE: gettext_lazy("is at most"),
    Match.EQ: gettext_lazy("equals"),
}
RELATIONS = {
    Relation.ALL: gettext_lazy("all of these hold"),
    Relation.ANY: gettext_lazy("any of these holds"),
    Relation.GENERAL: gettext_lazy("no other rule answers"),
}
ORDERS = {
    ReplyOrder.LOOP: gettext_lazy("one after the other"),
    ReplyOrder.RANDOM: gettext_lazy("by chance"),
}


# ------------------------------------------------------------------------------------------------------- one sentence


def sentence(rule: Rule) -> str:
    """ "When a comment matches price|cost, at most once per 30 s, the host says one of 3 texts." """
    parts = {"when": _when(rule), "does": _does(rule.trigger)}
    window = rule.trigger.window_s
    if window == EVERY_TIME:
        return _("When %(when)s, %(does)s.") % parts
    if window == WHOLE_LIVE:
        return _("When %(when)s, once in the whole livestream, %(does)s.") % parts
    return _("When %(when)s, at most once per %(seconds)d s, %(does)s.") % {**parts, "seconds": window}


def _when(rule: Rule) -> str:
    event = str(_WHEN.get(EventType(rule.event_type), _("something happens")))
    tags = rule.condition.tags
    if rule.condition.relation == Relation.GENERAL:
        return _("%(event)s and no other rule answers") % {"event": event}
    if not tags:
        return event
    if len(tags) == 1 and tags[0].field == "content" and tags[0].operation == Operation.NONE:
        return _("a comment %(match)s %(value)s") % _worded(tags[0])
    told = [condition(tag) for tag in tags]
    words = _joined(told, _(" or ") if rule.condition.relation == Relation.ANY else _(" and "))
    return _("%(event)s and %(conditions)s") % {"event": event, "conditions": words}


def condition(tag: Tag) -> str:
    """ "the number of gifts, added up, is at least 10" """
    if tag.operation == Operation.NONE:
        return _("%(field)s %(match)s %(value)s") % _worded(tag)
    return _("%(field)s, %(operation)s, %(match)s %(value)s") % _worded(tag)


def _worded(tag: Tag) -> dict[str, str]:
    return {
        "field": field_word(tag.field),
        "operation": str(OPERATIONS[tag.operation]),
        "match": str(MATCHES[tag.match]),
        "value": cut(tag.value),
    }


def field_word(name: str) -> str:
    return str(FIELDS[name][1]) if name in FIELDS else name


def _joined(parts: Sequence[str], word: str) -> str:
    return word.join(parts)


def _does(trigger: Trigger) -> str:
    texts, audios = len(trigger.texts), len(trigger.audios)
    if not trigger.is_audible:
        return _("the host says nothing")
    if not trigger.has_words:
        return _("the vendor's bot finds an answer")
    if texts == 1 and not audios:
        return _("the host says “%(text)s”") % {"text": cut(trigger.texts[0])}
    if not audios:
        return ngettext("the host says %(n)d text", "the host says one of %(n)d texts", texts) % {"n": texts}
    if not texts:
        return ngettext("the host plays %(n)d recording", "the host plays one of %(n)d recordings", audios) % {
            "n": audios
        }
    return _("the host says or plays one of %(n)d replies") % {"n": texts + audios}


def cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def title(rule: Rule, place: int) -> str:
    """How a rule is called where there is no room for its sentence."""
    return rule.name or _("Rule %(number)d") % {"number": place + 1}


# ------------------------------------------------------------------------------------------------------------- why


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule's part in a decision. `state` picks glyph and weight: answers, suppressed, lost, unmatched, off."""

    place: int
    title: str
    state: str
    text: str


def reasons(decision: Decision, rules: Sequence[Rule]) -> list[Reason]:
    """Why each rule that waits for this kind of event did or did not answer; rules for other events say nothing."""
    return [
        Reason(verdict.place, title(rules[verdict.place], verdict.place), str(verdict.why), _reason(verdict, rules))
        for verdict in decision.verdicts
        if verdict.why != Why.OTHER_EVENT
    ]


def deciding(decision: Decision) -> int | None:
    """The place of the rule that decided: it answers, or would if it were not quiet, or is the only one asked."""
    if decision.place is not None:
        return decision.place
    asked = [verdict for verdict in decision.verdicts if verdict.why != Why.OTHER_EVENT]
    quiet = [verdict for verdict in asked if verdict.why == Why.SUPPRESSED]
    told = quiet or (asked if len(asked) == 1 else [])
    return told[0].place if told else None


def in_short(decision: Decision, rules: Sequence[Rule]) -> str:
    """Why this was decided, in one line."""
    place = deciding(decision)
    if place is not None:
        return _reason(decision.verdicts[place], rules)
    if decision.event.type in (EventType.FOLLOW, EventType.VIEWERS):
        return _("the vendor takes no rules for this kind of event")
    if all(verdict.why == Why.OTHER_EVENT for verdict in decision.verdicts):
        return _("no rule is about this kind of event")
    return _("no condition holds")


def _reason(verdict: Verdict, rules: Sequence[Rule]) -> str:
    rule = rules[verdict.place]
    if verdict.why == Why.OFF:
        return _("switched off")
    if verdict.why == Why.OTHER_SCENE:
        return _("only in the scene %(names)s") % {"names": ", ".join(rule.scenes)}
    if verdict.why == Why.SUPPRESSED:
        if verdict.until_s is None:
            return _("would answer, but did so once already in this livestream")
        return _("would answer, but is quiet until second %(second)s") % {"second": f"{verdict.until_s:g}"}
    if verdict.why == Why.LOST:
        return _lost(rule, rules, verdict.lost_to or 0)
    if rule.condition.relation == Relation.GENERAL:
        return _("no other rule answers")
    if not verdict.looks:
        return _("answers each event of this kind")
    return _looks(verdict)


def _lost(rule: Rule, rules: Sequence[Rule], winner: int) -> str:
    words = {
        "rule": title(rules[winner], winner),
        "theirs": rules[winner].condition.priority,
        "ours": rule.condition.priority,
    }
    if rule.condition.relation == Relation.GENERAL:
        return _("a general reply; %(rule)s answers") % words
    if words["theirs"] == words["ours"]:
        return _("lost to %(rule)s, which has the same priority and stands first") % words
    return _("lost to %(rule)s: priority %(theirs)d goes before %(ours)d") % words


def _looks(verdict: Verdict) -> str:
    """The conditions that decided, each with what was found."""
    answered = verdict.why == Why.ANSWERS
    return _joined([_look(look) for look in verdict.looks if look.holds == answered], _("; "))


def _look(look: Look) -> str:
    words = {"condition": condition(look.tag), "found": cut(look.found or "")}
    if look.is_broken:
        return _("%(condition)s: this pattern can't be read") % words
    if look.found is None:
        return _("%(condition)s: the event has no such field") % words
    if look.holds:
        return _("%(condition)s, found “%(found)s”") % words
    return _("not: %(condition)s, found “%(found)s”") % words
