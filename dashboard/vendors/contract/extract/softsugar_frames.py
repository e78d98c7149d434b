"""Document 004: the message codes of the takeover socket, and the status codes scattered over the tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from dashboard.vendors.contract.extract.reader import Document, Raw
from dashboard.vendors.contract.extract.readings import Tables

# Names are ours, the document gives each code a sentence. The last word lists the keys beside `code` and `message`.
UPSTREAM = {
    0: ("audio_begin", "commandTraceId priority superControl silk", "# 开始接收流式PCM音频通知"),
    10: ("say_text", "commandTraceId priority tts_query superControl silk", "commandTraceId String"),
    11: ("say_file", "commandTraceId superControl silk", "commandTraceId String"),
    99: ("audio_end", "commandTraceId", "# 发送结束"),
    101: ("ask_remaining", "", "# 查询剩余时长"),
}
DOWNSTREAM = {
    1: ("auth_failed", "Authentication failed."),
    2: ("ready", "The server is ready to receive audio."),
    20: ("enqueued", "The takeover has joined the queue."),
    19: ("started", "Playback of the takeover has started."),
    18: ("finished", "The takeover is finished, or its cancellation is."),
    4: ("stop_sending", "Not matched, or the connection to the renderer broke."),
    5: ("send_failed", "Failed for an unknown reason."),
    6: ("no_session", "There is no such live session."),
    7: ("conflict", "Refused: another takeover plays or waits."),
    -1: ("ack", "The takeover message has arrived (only 99 is answered)."),
    102: ("remaining", "What remains of the live session."),
    30: ("frame", "The avatar has reached a frame that was asked for."),
}
# Object tables that the examples of the frames show.
SHAPES = {20: "TakeoverNotice", 19: "TakeoverNotice", 18: "TakeoverNotice", -1: "TakeoverAck"}
MESSAGES = {102: "RemainingTime", 30: "FrameReached"}
STATUSES = {
    2: ("live", ""),
    5: ("closed by us, or completed", ""),
    9: ("failed", "Look at taskResult, close the session and create a new one."),
    32: ("video stream is being created", ""),
    34: ("takeover has joined the queue", ""),
    35: ("video stream is created, the live stream can start", ""),
    36: ("takeover has started playing", ""),
    37: ("takeover has finished, or its cancellation has", ""),
    39: ("takeover failed", "Look at taskResult and say it again."),
    50: ("closed by the vendor: no heartbeat for too long, or the network broke", "Start the live room again."),
    51: ("control command received", ""),
    52: ("control command is not valid JSON", "This is a fault of the sender; check the control script."),
    53: ("avatar of the control command was not found", "Use an avatar that is in the live script."),
    54: ("video of the control command cannot be decoded", "Upload the video again as MP4 or MOV."),
    55: ("control command failed, or its file cannot be decoded", "Upload the file again in a supported format."),
    73: ("preloading files failed", "Check that the files exist and can be decoded."),
    74: ("list of files to preload is not valid JSON", "This is a fault of the sender; check the list."),
    75: ("files are preloaded", ""),
    96: ("token of our own RTC application has expired", "Renew the URTC token."),
    97: ("the vendor has no free stream", "End another live room, or try again in a minute."),
    98: ("this account has no free stream", "End another live room of this account, or buy more streams."),
    99: ("initialisation failed", "Check the live script, then create the session again."),
}
_PRINTED = re.compile(r"(\d+)\s*[::]\s*(.*?)(?=[,,;;]\s*\d+\s*[::]|\n|[)）]$|$)")


def until_heading(document: Document, first: int) -> Iterator[str]:
    for _, line in document.between(first, len(document.lines) + 1):
        if line.startswith("# "):
            return
        yield line


def upstream(document: Document, rows: list[Raw]) -> list[Raw]:
    """What we may send. The document prints one table for all codes; its prose says which key goes with which code."""
    start = document.find("# Request Example(上行消息)")
    by_name = {row["name"]: row for row in rows}
    frames = []
    for code, (name, keys, anchor) in UPSTREAM.items():
        fields = [dict(by_name[key]) for key in ["code", "message", *keys.split()]]
        fields[0]["enum"] = [code]
        if code == 101:
            # Its example has neither, although the table calls both required (B4).
            fields[1].pop("mandatory")
        if code == 10:
            fields[4]["mandatory"] = True
        number = document.find(anchor, start)
        shown = "\n".join(until_heading(document, number + 1)).strip() if anchor.startswith("#") else ""
        frames.append(_frame(code, "up", name, fields, document.at(number), example=shown))
    return frames


def _frame(code: int, direction: str, name: str, fields: list[Raw], source: str, **more: Any) -> Raw:
    kind = "string" if direction == "up" or code not in MESSAGES else "object"
    frame = {"code": code, "direction": direction, "name": name, "message_type": kind, "message": "", "fields": fields}
    return {**frame, "source": source, **more}


def downstream(document: Document, tables: Tables, sources: dict[str, str]) -> list[Raw]:
    """What the server sends, read from its examples: the table prints two keys, with wrong types."""
    start = document.find("# Response Example(下行消息)")
    end = document.find("# Add New Preheated Materials")
    frames = []
    for number, line in document.between(start + 1, end):
        if not line.startswith("# "):
            continue
        text = "\n".join(until_heading(document, number + 1)).strip()
        body = json.loads(text)
        code = body["code"]
        fields = [_shown(key, value, document.at(number)) for key, value in body.items()]
        fields[0]["enum"] = [code]
        for key, names in (("data", SHAPES), ("message", MESSAGES)):
            if code in names:
                _describe(body[key], names[code], document.at(number), tables, sources)
                next(row for row in fields if row["name"] == key)["ref"] = names[code]
        name, meaning = DOWNSTREAM[code]
        message = body["message"] if isinstance(body["message"], str) else ""
        frames.append(
            {
                **_frame(code, "down", name, fields, document.at(number), example=text),
                "message": message,
                "description": meaning,
            }
        )
    return frames


def _describe(value: dict[str, Any], name: str, source: str, tables: Tables, sources: dict[str, str]) -> None:
    if name not in tables:
        tables[name] = [_shown(key, inner, source) for key, inner in value.items()]
        sources[name] = source


def _shown(name: str, value: object, source: str) -> Raw:
    kind = {str: "string", int: "integer", bool: "boolean", dict: "object", list: "array"}[type(value)]
    if name in ("timestamp", "server_time"):
        kind = "long"
    return {"name": name, "type": kind, "mandatory": True, "source": source, "description": ""}


def status_codes(tables: Tables) -> list[Raw]:
    """Every number that a `status` or `commandStatus` row explains; sets the `enum` of those rows on the way."""
    printed: dict[int, dict[str, str]] = {}
    sources: dict[int, str] = {}
    for table in sorted(tables):
        for row in tables[table]:
            if row["name"] not in ("status", "commandStatus"):
                continue
            found = {int(code): text.strip() for code, text in _PRINTED.findall(row["description"])}
            row["enum"] = sorted(found)
            for code, text in found.items():
                printed.setdefault(code, {})[table] = text
                sources.setdefault(code, row["source"])
    return [
        {
            "code": code,
            "meaning": STATUSES[code][0],
            "remedy": STATUSES[code][1],
            "where": sorted({_place(table) for table in printed[code]}),
            "printed": sorted(set(printed[code].values())),
            "source": sources[code],
        }
        for code in sorted(printed)
    ]


def _place(table: str) -> str:
    """`ChannelStatData` belongs to the answer of channel_stat; the body of a listing is its filter."""
    name = re.sub(r"(Data|Result)$", "", table)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower().replace(".body", ".filter")
