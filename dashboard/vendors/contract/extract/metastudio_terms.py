"""Document 002: the vocabularies. Each word with what the document says about it, and the tables it goes with."""

from __future__ import annotations

import re

from dashboard.vendors.contract.extract.metastudio_cells import clean
from dashboard.vendors.contract.extract.reader import Document, Raw
from dashboard.vendors.contract.extract.readings import Tables

# Vocabulary, the table (or endpoint place) and field whose description lists the words.
LISTED = {
    "auth_types": ("LiveEventCallBackConfig", "auth_type"),
    "live_callback_events": ("LiveEventCallBackConfig", "callback_event_type"),
    "rtc_callback_events": ("RTCLiveEventCallBackConfig", "rtc_callback_event_type"),
    "live_event_types": ("LiveEvent", "type"),
    "live_commands": ("execute_smart_live_command.body", "command"),
    "live_warnings": ("LiveWarningItem", "warning_type"),
    "live_job_states": ("SmartLiveJob", "state"),
    "rtc_user_types": ("RTCUserInfo", "user_type"),
    "play_types": ("PlayTextInfo", "play_type"),
    "room_types": ("create_smart_live_room.body", "room_type"),
    "reply_modes": ("TriggerProcess", "reply_mode"),
}
# Bulleted lists of section 10.6: heading to look for, then its last line.
BULLETS = {
    "rtsa_states": ("state** indicates the livestreaming task status", "The streamer can send an instruction"),
    "rtsa_commands": ("**command:** instruction for livestreaming control", "**timing:** time when"),
    "rtsa_timings": ("**timing:** time when", "10.7 SSML Definition"),
}
SSML = ("speak", "break", "phoneme", "say-as", "sub", "prosody", "emotion", "insert-action")
_BULLET = re.compile(r"^\s*- \*\*([A-Za-z_]+):\*\* (.+)$")


def extract(
    document: Document, objects: dict[str, tuple[str, list[Raw]]], tables: Tables, more: dict[str, dict[str, Raw]]
) -> dict[str, list[Raw]]:
    """`more` holds what the readings add: tables, other spellings, and words that stand in no list."""
    found: dict[str, list[Raw]] = {}
    for name, (place, field) in LISTED.items():
        rows = tables[place] if place in tables else objects[place][1]
        row = next(one for one in rows if one["name"] == field)
        found[name] = _terms([str(value) for value in row["enum"]], row)
    first = document.find("10.6 RTSA Commands", 13000)
    for name, (start, end) in BULLETS.items():
        top = document.find(start, first)
        lines = document.between(top + 1, document.find(end, top + 1))
        found[name] = [
            {"value": match[1], "meaning": clean(match[2]), "source": document.at(number)}
            for number, line in lines
            if (match := _BULLET.match(line))
        ]
    found["ssml_tags"] = [{"value": tag, "meaning": "", "source": ""} for tag in SSML]
    for name, words in more.items():
        for value, extra in words.items():
            _find(found[name], value).update(extra)
    return found


def _find(terms: list[Raw], value: str) -> Raw:
    for term in terms:
        if term["value"] == value:
            return term
    terms.append({"value": value, "meaning": ""})
    return terms[-1]


def _terms(values: list[str], row: Raw) -> list[Raw]:
    """Each value with the text after its colon, up to the next value or the end of the line."""
    others = "|".join(re.escape(value) for value in values)
    text = row["description"]
    found = (
        (value, re.search(rf"(?<![\w.]){re.escape(value)}\s?: (.*?)(?= (?:{others})\s?: |\n|$)", text))
        for value in values
    )
    return [
        {"value": value, "meaning": match[1].strip() if match else "", "source": row["source"]}
        for value, match in found
    ]
