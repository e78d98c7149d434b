"""The test box: events to try rules on, typed or taken from what an audience really did."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.events.models import Event as RecordedEvent
from dashboard.rooms.rules.model import Event, EventType

MOST_EVENTS = 60
LATEST = 50
#: What was reported of one event beyond the columns goes along in the page up to this size.
LONGEST_RAW = 1_000
_KEY = re.compile(r"[0-9]{1,4}")
_INPUT = {"class": "input"}
KINDS = [
    (int(EventType.COMMENT), gettext_lazy("writes")),
    (int(EventType.JOIN), gettext_lazy("joins")),
    (int(EventType.LIKE), gettext_lazy("likes")),
    (int(EventType.GIFT), gettext_lazy("gives")),
    (int(EventType.FOLLOW), gettext_lazy("follows")),
    (int(EventType.VIEWERS), gettext_lazy("viewer count")),
]


class TriedEventForm(forms.Form):
    at_s = forms.FloatField(
        label=gettext_lazy("At second"),
        min_value=0,
        max_value=86_400,
        widget=forms.NumberInput(attrs={**_INPUT, "step": "any"}),
    )
    kind = forms.TypedChoiceField(
        label=gettext_lazy("What happens"), choices=KINDS, coerce=int, widget=forms.Select(attrs=_INPUT)
    )
    user = forms.CharField(
        label=gettext_lazy("Who"), max_length=80, required=False, widget=forms.TextInput(attrs=_INPUT)
    )
    text = forms.CharField(
        label=gettext_lazy("Text or gift"),
        max_length=2_000,
        required=False,
        widget=forms.TextInput(attrs=_INPUT),
    )
    number = forms.IntegerField(
        label=gettext_lazy("Number"),
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        widget=forms.NumberInput(attrs=_INPUT),
    )
    value = forms.FloatField(
        label=gettext_lazy("Value"),
        min_value=0,
        max_value=10**9,
        required=False,
        widget=forms.NumberInput(attrs={**_INPUT, "step": "any"}),
    )
    raw = forms.CharField(max_length=LONGEST_RAW, required=False, widget=forms.HiddenInput)

    def event(self) -> Event:
        """As a capture tool reports it (002:10037)."""
        data = self.cleaned_data
        kind = EventType(data["kind"])
        return Event(int(kind), data["at_s"], json.dumps(_content(kind, data), ensure_ascii=False))


def _content(kind: EventType, data: dict[str, Any]) -> dict[str, Any]:
    """The columns over what was reported; what has no column stays as it was."""
    content = _object(data["raw"])
    if kind == EventType.VIEWERS:
        return {**content, "numberOfViewers": data["number"] or 0}
    content["user"] = {**_part(content, "user"), "name": data["user"]}
    if kind == EventType.COMMENT:
        content["content"] = data["text"]
    if kind == EventType.GIFT:
        number, value = data["number"] or 1, data["value"] or 0
        gift = {"giftName": data["text"], "giftNum": number, "totalValue": value}
        content["gift"] = {"giftValue": value / number, **_part(content, "gift"), **gift}
    return content


def _object(raw: str) -> dict[str, Any]:
    try:
        parsed = json.loads(raw or "{}")
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _part(content: dict[str, Any], name: str) -> dict[str, Any]:
    part = content.get(name)
    return part if isinstance(part, dict) else {}


@dataclass(slots=True)
class Row:
    key: str
    form: TriedEventForm

    @property
    def remove_id(self) -> str:
        return f"e{self.key}-remove"


class Tries:
    """The rows of the test box as the page holds them."""

    def __init__(self, rows: list[Row], seed: str = "1") -> None:
        self.rows = rows
        self.seed = seed
        #: The id of what the hand should be on after a change.
        self.hand = ""

    @classmethod
    def example(cls) -> Tries:
        """A small plausible show."""
        return cls.of(_example())

    @classmethod
    def of(cls, initial: Iterable[dict[str, Any]]) -> Tries:
        return cls([Row(str(no), TriedEventForm(prefix=f"e{no}", initial=one)) for no, one in enumerate(initial)])

    @classmethod
    def recorded(cls, events: Sequence[RecordedEvent]) -> Tries:
        """What an audience did, its first event at second 0."""
        began = min((event.at for event in events), default=None)
        rows = []
        for event in events:
            data = event.data
            raw = str(data.get("raw", ""))
            rows.append(
                {
                    "at_s": round((event.at - began).total_seconds(), 1) if began else 0,
                    "kind": data.get("type"),
                    "user": data.get("user", ""),
                    "text": data.get("text", ""),
                    "number": data.get("count", 1) if data.get("type") in (EventType.GIFT, EventType.VIEWERS) else "",
                    "value": data.get("value", ""),
                    "raw": raw if len(raw) <= LONGEST_RAW else "",
                }
            )
        return cls.of(sorted(rows, key=lambda row: float(str(row["at_s"]))))

    @classmethod
    def sent(cls, data: QueryDict, *, judged: bool) -> Tries:
        keys = list(dict.fromkeys(key for key in data.getlist("event") if _KEY.fullmatch(key)))[:MOST_EVENTS]
        rows = []
        for key in keys:
            form = TriedEventForm(data, prefix=f"e{key}")
            if not judged:
                typed = {name: form[name].data for name in form.fields}
                form = TriedEventForm(prefix=f"e{key}", initial=typed)
            rows.append(Row(key, form))
        return cls(rows, seed=data.get("seed", "")[:40])

    def is_valid(self) -> bool:
        return all(row.form.is_valid() for row in self.rows)

    def events(self) -> list[Event]:
        """By time, as they would be reported."""
        return sorted((row.form.event() for row in self.rows), key=lambda event: event.at_s)

    def add(self) -> None:
        if len(self.rows) >= MOST_EVENTS:
            return
        key = str(max((int(row.key) for row in self.rows), default=-1) + 1)
        times = [str(row.form["at_s"].value() or "") for row in self.rows]
        latest = max((float(text) for text in times if re.fullmatch(r"\d{1,6}(\.\d+)?", text)), default=-5)
        initial = {"at_s": f"{latest + 5:g}", "kind": int(EventType.COMMENT)}
        added = Row(key, TriedEventForm(prefix=f"e{key}", initial=initial))
        added.form.fields["user"].widget.attrs["autofocus"] = True
        self.rows.append(added)

    def remove(self, key: str) -> None:
        place = next((at for at, row in enumerate(self.rows) if row.key == key), None)
        if place is None:
            return
        del self.rows[place]
        self.hand = self.rows[min(place, len(self.rows) - 1)].remove_id if self.rows else "event-add"


def _example() -> list[dict[str, Any]]:
    def row(at: int, kind: EventType, user: str, text: str = "", number: object = "", value: object = "") -> Any:
        return {"at_s": at, "kind": int(kind), "user": user, "text": text, "number": number, "value": value}

    return [
        row(0, EventType.JOIN, _("Mei")),
        row(3, EventType.COMMENT, _("Mei"), _("How much is it?")),
        row(8, EventType.COMMENT, "Anna", _("The colour is lovely")),
        row(12, EventType.COMMENT, _("Old Wang"), _("What is the price?")),
        row(20, EventType.LIKE, "Anna"),
        row(25, EventType.GIFT, _("Old Wang"), _("Rose"), 5, 25),
        row(40, EventType.COMMENT, "Bo", _("How much is it?")),
        row(45, EventType.FOLLOW, "Bo"),
        row(60, EventType.VIEWERS, "", "", 318),
    ]
