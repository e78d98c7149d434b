"""The editor of a rule set: one form per rule and one per condition, in the order that the page sends.

Limits and choices come from the vendor's contract. Nothing typed is lost: rules are added, moved and taken away by
the same page that is sent back, saved or not.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.rooms.fit import SHORTEST_REPLY
from dashboard.rooms.rule_words import EVENTS, FIELDS, MATCHES, OPERATIONS, ORDERS, RELATIONS, sentence
from dashboard.rooms.rules.content import number_of
from dashboard.rooms.rules.model import (
    EVERY_TIME,
    RULED,
    WHOLE_LIVE,
    Condition,
    EventType,
    Match,
    Operation,
    Relation,
    ReplyOrder,
    Rule,
    Tag,
    Trigger,
)
from dashboard.rooms.rules.patterns import LARGEST_SET, LONGEST_PATTERN, fault_in, size_of
from dashboard.vendors.contract.limits import object_field_at

F = TypeVar("F", bound=forms.Form)

#: With the events of the test box the page stays below the fields that a request may have.
MOST_RULES, MOST_TAGS, MOST_REPLIES = 30, 6, 20
LONGEST_REPLY = 1_000
LONGEST_WINDOW_S = 86_400
_KEY = re.compile(r"[0-9]{1,4}")
_INPUT = {"class": "input"}
_PRIORITY = object_field_at("metastudio", "HitCondition", "priority")
_OFTEN = [
    ("every", gettext_lazy("every time")),
    ("limited", gettext_lazy("at most once per …")),
    ("once", gettext_lazy("once in the whole livestream")),
]
_GROUPS = [
    (gettext_lazy("Comment"), ("content",)),
    (gettext_lazy("Person"), ("name", "level", "badge", "badgeLevel")),
    (gettext_lazy("Gift"), ("giftName", "giftNum", "giftValue", "totalValue")),
]


class RuleSetForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80, widget=forms.TextInput(attrs=_INPUT))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class TagForm(forms.Form):
    field = forms.ChoiceField(
        label=gettext_lazy("What is looked at"),
        choices=[(group, [(name, FIELDS[name][1]) for name in names]) for group, names in _GROUPS],
        widget=forms.Select(attrs=_INPUT),
    )
    operation = forms.ChoiceField(
        label=gettext_lazy("Counted"), choices=list(OPERATIONS.items()), widget=forms.Select(attrs=_INPUT)
    )
    match = forms.ChoiceField(
        label=gettext_lazy("Compared"), choices=list(MATCHES.items()), widget=forms.Select(attrs=_INPUT)
    )
    value = forms.CharField(
        label=gettext_lazy("With"), max_length=LONGEST_PATTERN, strip=False, widget=forms.TextInput(attrs=_INPUT)
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        match, value = data.get("match"), str(data.get("value", ""))
        if match == Match.REGEX and value and (fault := fault_in(value)):
            text = _("This pattern can't be read (%(told)s). Look-around and back-references are not taken.")
            self.add_error("value", text % {"told": fault.told})
        if str(match).startswith("MATH_") and value and number_of(value) is None:
            self.add_error("value", _("Write a number to compare with."))
        if data.get("operation") != Operation.NONE and match in (Match.EQUAL, Match.REGEX):
            self.add_error("match", _("What is counted can only be compared as a number."))
        return data

    def tag(self) -> Tag:
        data = self.cleaned_data
        return Tag(data["field"], Match(data["match"]), data["value"], Operation(data["operation"]))


class RuleForm(forms.Form):
    index = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, required=False, widget=forms.TextInput(attrs=_INPUT)
    )
    enabled = forms.BooleanField(label=gettext_lazy("Switched on"), required=False, initial=True)
    event_type = forms.TypedChoiceField(
        label=gettext_lazy("When there is"),
        choices=[(int(kind), EVENTS[kind]) for kind in RULED],
        coerce=int,
        widget=forms.Select(attrs=_INPUT),
    )
    relation = forms.ChoiceField(
        label=gettext_lazy("It answers if"), choices=list(RELATIONS.items()), widget=forms.Select(attrs=_INPUT)
    )
    often = forms.ChoiceField(
        label=gettext_lazy("How often it answers"), choices=_OFTEN, widget=forms.Select(attrs=_INPUT)
    )
    window_s = forms.IntegerField(
        label=gettext_lazy("Seconds"),
        required=False,
        min_value=1,
        max_value=LONGEST_WINDOW_S,
        widget=forms.NumberInput(attrs={**_INPUT, "inputmode": "numeric"}),
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        min_value=int(_PRIORITY.minimum or 0),
        max_value=int(_PRIORITY.maximum or 0),
        initial=_PRIORITY.default,
        help_text=gettext_lazy("The smallest number answers where several rules hold."),
        widget=forms.NumberInput(attrs={**_INPUT, "inputmode": "numeric"}),
    )
    texts = forms.CharField(
        label=gettext_lazy("The host says"),
        required=False,
        max_length=MOST_REPLIES * (LONGEST_REPLY + 2),
        help_text=gettext_lazy("One reply per line."),
        widget=forms.Textarea(attrs={**_INPUT, "rows": 3}),
    )
    audios = forms.CharField(
        label=gettext_lazy("Or plays"),
        required=False,
        max_length=MOST_REPLIES * 520,
        help_text=gettext_lazy("One address of an MP3 file per line."),
        widget=forms.Textarea(attrs={**_INPUT, "rows": 1, "inputmode": "url"}),
    )
    order = forms.ChoiceField(
        label=gettext_lazy("Of several replies"), choices=list(ORDERS.items()), widget=forms.Select(attrs=_INPUT)
    )

    def clean_texts(self) -> tuple[str, ...]:
        lines = _lines(self.cleaned_data["texts"])
        if len(lines) > MOST_REPLIES:
            raise forms.ValidationError(_("At most %(most)d replies.") % {"most": MOST_REPLIES})
        if too_long := next((number for number, line in enumerate(lines, 1) if len(line) > LONGEST_REPLY), None):
            text = _("Reply %(number)d is longer than %(most)d characters.")
            raise forms.ValidationError(text % {"number": too_long, "most": LONGEST_REPLY})
        return lines

    def clean_audios(self) -> tuple[str, ...]:
        lines = _lines(self.cleaned_data["audios"])
        if not all(re.fullmatch(r"https?://[^\s/]+/\S{1,480}", line) for line in lines):
            raise forms.ValidationError(_("Each line is one address that starts with https://."))
        return lines[:MOST_REPLIES]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("often") == "limited" and not data.get("window_s") and "window_s" not in self.errors:
            self.add_error("window_s", _("Write how many seconds it stays quiet after an answer."))
        replied = data.get("texts") or data.get("audios") or "texts" in self.errors or "audios" in self.errors
        if not replied:
            self.add_error("texts", _("Write at least one reply."))
        return data

    def rule(self, tags: Iterable[Tag]) -> Rule:
        data = self.cleaned_data
        window = {"every": EVERY_TIME, "once": WHOLE_LIVE}.get(data["often"], data["window_s"])
        return Rule(
            index=data["index"] or f"rule-{uuid.uuid4().hex[:8]}",
            name=data["name"],
            enabled=data["enabled"],
            event_type=data["event_type"],
            condition=Condition(Relation(data["relation"]), data["priority"], tuple(tags)),
            trigger=Trigger(window, data["texts"], data["audios"], ReplyOrder(data["order"])),
        )


@dataclass(slots=True)
class EditedTag:
    key: str
    form: TagForm


@dataclass(slots=True)
class EditedRule:
    """One rule of the editor. `key` is its name in the page for as long as the page lives."""

    key: str
    form: RuleForm
    tags: list[EditedTag]
    is_open: bool = False
    #: What the page sent, where it did: the forms may show it without judging it.
    data: QueryDict | None = None
    stored: Rule | None = None

    @property
    def is_full(self) -> bool:
        return len(self.tags) >= MOST_TAGS

    @property
    def summary_id(self) -> str:
        return f"r{self.key}-summary"

    @property
    def tag_add_id(self) -> str:
        return f"r{self.key}-tag-add"

    @property
    def is_faulty(self) -> bool:
        return any(form.is_bound and form.errors for form in self.forms())

    @property
    def short_hint(self) -> str:
        """Which replies keep rooms of SoftSugar from choosing these rules; "" where none does."""
        lines = _lines(str(self.form["texts"].value() or ""))
        short = [str(number) for number, line in enumerate(lines, 1) if len(line) < SHORTEST_REPLY]
        if not short:
            return ""
        words = {"numbers": ", ".join(short), "least": SHORTEST_REPLY}
        told = _(
            "SoftSugar takes %(least)d characters or more. Its rooms can't choose these rules before you lengthen "
            "reply %(numbers)s."
        )
        return told % words

    def reads(self) -> tuple[str, bool]:
        """The rule as one sentence, or what it lacks; and whether it is whole."""
        if self.stored is not None:
            return sentence(self.stored), True
        if self.data is None:
            return _("A new rule"), False
        if self.is_faulty:  # what it lacks stands at its fields
            return _("%(name)s: not whole yet") % {"name": self.form["name"].value() or _("A rule")}, False
        sent = {tag.key for tag in self.tags} & set(_keys(self.data, f"r{self.key}-tag"))
        judged = _sent(self.key, self.data, True, [tag.key for tag in self.tags if tag.key in sent])
        if judged.is_valid():
            return sentence(judged.rule()), True
        faults = [str(error) for form in judged.forms() for errors in form.errors.values() for error in errors]
        return faults[0], False

    def is_valid(self) -> bool:
        """Each form is asked, so that every fault is told at once."""
        valid = all([self.form.is_valid(), *[tag.form.is_valid() for tag in self.tags]])
        return self._fields_fit() and valid

    def _fields_fit(self) -> bool:
        """A comment has no gift: what is looked at must be in this kind of event."""
        kind = EventType(self.form.cleaned_data["event_type"]) if "event_type" in self.form.cleaned_data else None
        for tag in self.tags:
            name = tag.form.cleaned_data.get("field")
            if kind and name and kind not in FIELDS[name][0]:
                words = {"event": EVENTS[kind], "field": FIELDS[name][1]}
                tag.form.add_error("field", _("%(field)s: there is no such thing in %(event)s.") % words)
        return not any(tag.form.errors for tag in self.tags)

    def rule(self) -> Rule:
        return self.form.rule(tag.form.tag() for tag in self.tags)

    def forms(self) -> list[forms.Form]:
        return [self.form, *[tag.form for tag in self.tags]]


class Editor:
    """All rules of a set as the page holds them."""

    def __init__(self, head: RuleSetForm, rules: list[EditedRule]) -> None:
        self.head = head
        self.rules = rules
        #: The id of what the hand should be on after a change; fields say it themselves.
        self.hand = ""

    @classmethod
    def of(cls, rules: Sequence[Rule], *, name: str = "", version: int = 0) -> Editor:
        """As stored."""
        head = RuleSetForm(initial={"name": name, "version": version})
        return cls(head, [_edited(str(place), rule) for place, rule in enumerate(rules)])

    @classmethod
    def sent(cls, data: QueryDict, *, judged: bool) -> Editor:
        """As the page sent it. `judged`: with what is wrong; else only what was typed, for a page that goes on."""
        head = RuleSetForm(data) if judged else RuleSetForm(initial=_typed(RuleSetForm, data, ""))
        return cls(head, [_sent(key, data, judged) for key in _keys(data, "rule")[:MOST_RULES]])

    def is_valid(self) -> bool:
        return all([self.head.is_valid(), self.has_valid_rules()])

    def has_valid_rules(self) -> bool:
        """Each is asked, so that every fault is told at once."""
        valid = [rule.is_valid() for rule in self.rules]
        return self._patterns_fit() and all(valid)

    def _patterns_fit(self) -> bool:
        """All patterns together are bounded too: each of them may run on each comment."""
        total = 0
        for form in (tag.form for rule in self.rules for tag in rule.tags):
            data = form.cleaned_data
            total += size_of(str(data.get("value", ""))) if data.get("match") == Match.REGEX else 0
            if total > LARGEST_SET:
                form.add_error("value", _("The patterns of these rules are too large together. Shorten this one."))
                return False
        return True

    def drafted(self) -> tuple[Rule, ...]:
        return tuple(rule.rule() for rule in self.rules)

    def refuse(self, message: str, field: str, *, version: int) -> None:
        """The service said no. `version`: what there is now; whoever saves again has been told of it."""
        self.head.add_error(field if field in self.head.fields else None, message)
        data = QueryDict(mutable=True)
        data.update({"name": str(self.head["name"].data or ""), "version": str(version)})
        self.head.data = data

    @property
    def is_full(self) -> bool:
        return len(self.rules) >= MOST_RULES

    def do(self, deed: str) -> None:
        """One change of the list: "add", or "up", "down", "remove", "tag", "untag" with the keys of what is meant."""
        verb, _colon, rest = deed.partition(":")
        key, _colon, tag_key = rest.partition(":")
        place = next((at for at, rule in enumerate(self.rules) if rule.key == key), None)
        if verb == "add":
            self._add()
        elif place is not None and verb in _CHANGES:
            _CHANGES[verb](self, place, tag_key)

    def _add(self) -> None:
        if self.is_full:
            return
        key = _next_key(rule.key for rule in self.rules)
        added = EditedRule(key, RuleForm(prefix=f"r{key}"), [_new_tag(key, "0")], is_open=True)
        _put_hand_on(added.form.fields["name"])
        self.rules.append(added)

    def _move(self, place: int, to: int) -> None:
        """The hand stays on the button: its id goes with the rule."""
        moved = self.rules.pop(place)
        self.rules.insert(max(0, to), moved)

    def _remove(self, place: int) -> None:
        del self.rules[place]
        self.hand = self.rules[min(place, len(self.rules) - 1)].summary_id if self.rules else "rule-add"

    def _tag(self, place: int) -> None:
        rule = self.rules[place]
        rule.is_open = True
        if not rule.is_full:
            added = _new_tag(rule.key, _next_key(tag.key for tag in rule.tags))
            _put_hand_on(added.form.fields["field"])
            rule.tags.append(added)

    def _untag(self, place: int, tag_key: str) -> None:
        rule = self.rules[place]
        rule.tags = [tag for tag in rule.tags if tag.key != tag_key]
        rule.is_open, self.hand = True, rule.tag_add_id


def _put_hand_on(field: forms.Field) -> None:
    field.widget.attrs["autofocus"] = True


_CHANGES: Mapping[str, Callable[[Editor, int, str], None]] = {
    "up": lambda editor, place, _tag: editor._move(place, place - 1),
    "down": lambda editor, place, _tag: editor._move(place, place + 1),
    "remove": lambda editor, place, _tag: editor._remove(place),
    "tag": lambda editor, place, _tag: editor._tag(place),
    "untag": lambda editor, place, tag: editor._untag(place, tag),
}


# --------------------------------------------------------------------------------------------------------- from and to


def _edited(key: str, rule: Rule) -> EditedRule:
    window = rule.trigger.window_s
    initial = {
        "index": rule.index,
        "name": rule.name,
        "enabled": rule.enabled,
        "event_type": int(rule.event_type),
        "relation": str(rule.condition.relation),
        "often": {EVERY_TIME: "every", WHOLE_LIVE: "once"}.get(window, "limited"),
        "window_s": window if window > 0 else "",
        "priority": rule.condition.priority,
        "texts": "\n".join(rule.trigger.texts),
        "audios": "\n".join(rule.trigger.audios),
        "order": str(rule.trigger.order),
    }
    tags = [
        EditedTag(str(place), TagForm(prefix=f"r{key}t{place}", initial=_initial_of(tag)))
        for place, tag in enumerate(rule.condition.tags)
    ]
    return EditedRule(key, RuleForm(prefix=f"r{key}", initial=initial), tags, stored=rule)


def _initial_of(tag: Tag) -> dict[str, str]:
    return {
        "field": tag.field,
        "operation": str(tag.operation),
        "match": str(tag.match),
        "value": tag.value,
    }


def _sent(key: str, data: QueryDict, judged: bool, tag_keys: list[str] | None = None) -> EditedRule:
    """One rule as the page sent it, with these of its conditions or all."""
    keys = _keys(data, f"r{key}-tag")[:MOST_TAGS] if tag_keys is None else tag_keys
    tags = [EditedTag(tag_key, _form(TagForm, data, f"r{key}t{tag_key}", judged)) for tag_key in keys]
    is_open = data.get(f"r{key}-open") == "1"
    return EditedRule(key, _form(RuleForm, data, f"r{key}", judged), tags, is_open, data)


def _form(kind: type[F], data: QueryDict, prefix: str, judged: bool) -> F:
    return kind(data, prefix=prefix) if judged else kind(prefix=prefix, initial=_typed(kind, data, prefix))


def _typed(kind: type[forms.Form], data: QueryDict, prefix: str) -> dict[str, Any]:
    """What was typed, unjudged."""
    form = kind(data, prefix=prefix or None)
    return {name: form[name].data for name in form.fields}


def _keys(data: QueryDict, name: str) -> list[str]:
    """The keys of a list in the order of the page, each once."""
    return list(dict.fromkeys(key for key in data.getlist(name) if _KEY.fullmatch(key)))


def _next_key(taken: Iterable[str]) -> str:
    return str(max((int(key) for key in taken), default=-1) + 1)


def _new_tag(rule_key: str, key: str) -> EditedTag:
    return EditedTag(key, TagForm(prefix=f"r{rule_key}t{key}", initial={"match": str(Match.REGEX)}))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
