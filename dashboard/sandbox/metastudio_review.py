"""Content review: what is refused at once with a code, and what passes and freezes the live once it was heard.

The reference says that content is reviewed and with which codes it is refused (10.2), not which content. Two lists
of words stand in, so that a rehearsal can meet either: a word of REFUSED is refused in every reviewed field; one of
FROZEN is reported by somebody who heard it, and the task ends BLOCKED with its block_reason, and so does the room
(002:6367, 002:9113). A room leaves that state when it is updated, since only other content can pass (our reading).

`no_need_review` counts for accounts in the vendor's whitelist only (002:6145): the switch `review_whitelist`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.sandbox.metastudio_ssml import SsmlError, read
from dashboard.sandbox.metastudio_wire import RULE_PARAMETERS, XML_PARSE_FAIL, Refused

REFUSED = ("违禁词", "sandbox-forbidden")
FROZEN = ("封禁词", "sandbox-blocked")

Row = tuple[str, int]

ROOM_NAME: Row = ("MSS.20010030", 500)
ROOM_DESCRIPTION: Row = ("MSS.20010032", 500)
SCRIPT_NAME: Row = ("MSS.20010017", 500)
SCRIPT_DESCRIPTION: Row = ("MSS.20010033", 500)
PARAGRAPH_TITLE: Row = ("MSS.20010034", 500)
SCRIPT_TEXT: Row = ("MSS.20010007", 500)
INTERACTION: Row = ("MSS.20010038", 500)
LIVE_REPLY: Row = ("MSS.20010055", 500)


def review_room(body: Mapping[str, Any], *, whitelisted: bool) -> None:
    """Everything that a room's author wrote; raises Refused."""
    exempt = is_exempt(body, whitelisted)
    review(str(body.get("room_name") or ""), ROOM_NAME, exempt)
    review(str(body.get("room_description") or ""), ROOM_DESCRIPTION, exempt)
    review_scenes(body.get("scene_scripts") or [], exempt=exempt)
    review_rules(body.get("interaction_rules") or [], whitelisted=whitelisted, exempt=exempt)


def review_scenes(scenes: Sequence[Mapping[str, Any]], *, exempt: bool) -> None:
    for scene in scenes:
        review(str(scene.get("script_name") or ""), SCRIPT_NAME, exempt)
        review(str(scene.get("script_description") or ""), SCRIPT_DESCRIPTION, exempt)
        for shot in scene.get("shoot_scripts") or []:
            review(str(shot.get("title") or ""), PARAGRAPH_TITLE, exempt)
            review_text(str((shot.get("text_config") or {}).get("text") or ""), SCRIPT_TEXT, exempt)


def review_rules(rules: Sequence[Mapping[str, Any]], *, whitelisted: bool, exempt: bool = False) -> None:
    for rule in rules:
        spared = exempt or is_exempt(rule, whitelisted)
        review(str(rule.get("rule_name") or ""), INTERACTION, spared)
        for text in (rule.get("trigger") or {}).get("reply_texts") or []:
            review_text(text, INTERACTION, spared)
        for tag in (rule.get("hit_condition") or {}).get("tags") or []:
            check_tag(str(rule.get("rule_name") or ""), tag)


def check_tag(rule_name: str, tag: Mapping[str, Any]) -> None:
    """A condition that could never be evaluated; the regular expressions are Python's here. Raises Refused."""
    match, value = str(tag.get("match") or ""), str(tag.get("value") or "")
    try:
        if match == "REGEX":
            re.compile(value)
        elif match.startswith("MATH_"):
            float(value)
    except (re.error, ValueError, OverflowError, RecursionError):
        raise Refused(RULE_PARAMETERS, rule_name, f"value does not fit {match}") from None


def review_text(text: str, row: Row, exempt: bool) -> None:
    """Spoken text: its tags must fit together, and what is heard of it is reviewed."""
    try:
        heard = read(text).text
    except SsmlError as error:
        raise Refused(XML_PARSE_FAIL, detail=str(error)) from None
    review(heard, row, exempt)


def review(text: str, row: Row, exempt: bool) -> None:
    for word in REFUSED:
        if word in text and not exempt:
            raise Refused(row, word)


def is_exempt(carrier: Mapping[str, Any], whitelisted: bool) -> bool:
    return whitelisted and (carrier.get("review_config") or {}).get("no_need_review") is True


def frozen_word(text: str) -> str:
    """The word for which a live that spoke `text` is frozen; "" for none."""
    return next((word for word in FROZEN if word in text), "")
