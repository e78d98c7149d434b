"""What goes up the takeover socket (004:230-265), typed and checked against the contract before it leaves. Pure."""

from __future__ import annotations

import json

from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.generated import softsugar as api
from dashboard.vendors.contract.validation import check_fields
from dashboard.vendors.port import PlayAt, Say
from dashboard.vendors.softsugar import plans

# Where the vendor takes "1 to n, or -1 for the end" (004:236), a place that no queue reaches.
LAST_PLACE = 9999

Frame = api.UpSayTextFrame | api.UpAudioBeginFrame | api.UpAudioEndFrame | api.UpAskRemainingFrame


def priority(say: Say) -> int:
    """The place in the vendor's queue: 1 is next after the one that plays, -1 the end (004:236, B25, B38)."""
    if say.is_script:
        return -1
    if say.at is PlayAt.END:
        return LAST_PLACE if say.place is None else say.place
    return 1


def text_takeover(say: Say) -> api.UpSayTextFrame:
    """A text takeover (B3: code 10). `message` is a label only (B4)."""
    frame: api.UpSayTextFrame = {
        "code": 10,
        "message": "text",
        "commandTraceId": say.trace_id,
        "priority": priority(say),
        "tts_query": {"content": say.text, "ssml": False},
    }
    if say.change is not None:
        frame["superControl"] = plans.json_text(say.change)
    return frame


def voice_begin(trace_id: str) -> api.UpAudioBeginFrame:
    """004:247: the queue must be empty (B29); plain PCM, not silk."""
    return {"code": 0, "message": "begin", "commandTraceId": trace_id, "silk": False}


def voice_end(trace_id: str) -> api.UpAudioEndFrame:
    """004:256"""
    return {"code": 99, "message": "eof", "commandTraceId": trace_id}


def ask_remaining() -> api.UpAskRemainingFrame:
    """004:262: how long the session may still run."""
    return {"code": 101}


def faults(frame: Frame) -> str:
    """What the contract has against it; empty where it has nothing."""
    documents = contract("softsugar")
    documented = documents.frame(frame["code"], "up")
    if documented is None:
        return f"code {frame['code']}"
    return "; ".join(str(one) for one in check_fields(documents, documented.fields, frame))


def text_of(frame: Frame) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
