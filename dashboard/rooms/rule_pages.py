"""What the pages of rule sets show, ready for their templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.rooms.forms.rules import Editor
from dashboard.rooms.forms.tries import KINDS, Tries
from dashboard.rooms.models import Room, RuleSet
from dashboard.rooms.rule_words import Reason, cut, deciding, in_short, reasons, sentence, title
from dashboard.rooms.rules.content import fields_of, text_of, value_at
from dashboard.rooms.rules.engine import explain
from dashboard.rooms.rules.model import Decision, Event, EventType, Rule
from dashboard.rooms.rules.stored import read_rules
from dashboard.rooms.selectors import ROOMS_NAMED


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One rule set of the list."""

    id: int
    name: str
    url: str
    version: int
    updated_at: datetime
    sentences: tuple[Sentence, ...]
    rooms: tuple[Room, ...]
    more_rooms: int


def card(rule_set: RuleSet, team: str) -> Card:
    rules = read_rules(rule_set.rules)
    return Card(
        id=rule_set.pk,
        name=rule_set.name,
        url=reverse("rooms:rule_set", args=[team, rule_set.pk]),
        version=rule_set.version,
        updated_at=rule_set.updated_at,
        sentences=tuple(Sentence(sentence(rule), rule.enabled) for rule in rules),
        rooms=tuple(getattr(rule_set, "named_rooms", ())),
        more_rooms=max(0, getattr(rule_set, "room_count", 0) - ROOMS_NAMED),
    )


def editor_of(rule_set: RuleSet) -> Editor:
    return Editor.of(read_rules(rule_set.rules), name=rule_set.name, version=rule_set.version)


@dataclass(frozen=True, slots=True)
class Tried:
    """One event of the test box and what was decided. `who` is empty for a number of viewers."""

    second: str
    who: str
    does: str
    says: str
    is_answered: bool
    #: The rule that decided it, where one did.
    rule: str
    reply: str
    audio: str
    why: str
    others: tuple[Reason, ...]


def tried(rules: tuple[Rule, ...], events: list[Event], seed: str) -> list[Tried]:
    return [_tried(decision, rules) for decision in explain(rules, events, seed)]


def _tried(decision: Decision, rules: tuple[Rule, ...]) -> Tried:
    event, reply = decision.event, decision.reply
    fields, place = fields_of(event.content), deciding(decision)
    return Tried(
        second=f"{event.at_s:g}",
        who=cut(text_of(value_at(fields, "user.name") or "")),
        does=str(dict(KINDS)[event.type]),
        says=_says(event, fields),
        is_answered=decision.place is not None,
        rule="" if place is None else title(rules[place], place),
        reply=reply.text if reply else "",
        audio=reply.audio_url if reply else "",
        why=in_short(decision, rules),
        others=tuple(one for one in reasons(decision, rules) if one.place != place),
    )


def _says(event: Event, fields: object) -> str:
    def text(name: str) -> str:
        return cut(text_of(value_at(fields, name) or ""))

    if event.type == EventType.COMMENT:
        return text("content")
    if event.type == EventType.GIFT:
        return f"{text('giftName')} × {text('giftNum')}"
    return text("numberOfViewers") if event.type == EventType.VIEWERS else ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A refused field: where it is in the page, and what is wrong with it."""

    field_id: str
    text: str


def faults(editor: Editor) -> list[Fault]:
    """Every refused field of the editor, named."""
    head = editor.head["name"]
    found = [Fault(head.auto_id, f"{head.label}: {error}") for error in head.errors]
    for number, rule in enumerate(editor.rules, start=1):
        for form in rule.forms():
            for name, errors in form.errors.items():
                words = {"number": number, "field": form.fields[name].label, "fault": " ".join(map(str, errors))}
                found.append(Fault(form[name].auto_id, _("Rule %(number)d, %(field)s: %(fault)s") % words))
    return found


def faults_to_try(editor: Editor, tries: Tries) -> list[Fault]:
    """What keeps the rules from being tried."""
    found = [fault for fault in faults(editor) if fault.field_id != editor.head["name"].auto_id]
    for number, row in enumerate(tries.rows, start=1):
        for name, errors in row.form.errors.items():
            words = {"number": number, "field": row.form.fields[name].label, "fault": " ".join(map(str, errors))}
            found.append(Fault(row.form[name].auto_id, _("Event %(number)d, %(field)s: %(fault)s") % words))
    return found


def delete_dialog(rule_set: RuleSet, rooms: list[Room], team: str) -> dict[str, object]:
    """D3: what is deleted, and which rooms answer nobody any more. The address holds the list that was shown."""
    codes = ",".join(room.code for room in rooms)
    lost = _("answers by no rule from its next start")
    words = {"name": rule_set.name}
    return {
        "id": "delete-rules",
        "title": _("Delete %(name)s") % words,
        "losses": [
            (_("Rules"), len(rule_set.rules)),
            *[(f"{room.code} {room.name}", lost) for room in rooms],
        ],
        "post_url": reverse("rooms:delete_rule_set", args=[team, rule_set.pk]) + (f"?used={codes}" if codes else ""),
        "verb": _("Delete %(name)s") % words,
        "keep": _("Keep %(name)s") % words,
        "word": rule_set.name,
        "ask_reason": True,
        "action": "edit_rules",
        "icon": "i-x",
    }
