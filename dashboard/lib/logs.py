"""How log lines look: one line of text, or one JSON object, each with the ids of the work at hand and no secret."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from dashboard.lib import trace
from dashboard.lib.redact import RedactingFormatter, redact


class TextFormatter(RedactingFormatter):
    """Masks the whole line as it is written, tracebacks included; names request and trace behind the message."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        request_id, trace_id = trace.ids()
        named = (("request", request_id), ("trace", trace_id))
        return super().formatMessage(record) + "".join(f" {name}={value}" for name, value in named if value)


class JsonFormatter(logging.Formatter):
    """One object a line: time (UTC), level, logger, message; request_id, trace_id and error where there are any.

    Each value is masked before it becomes JSON: quotes that JSON escapes would hide a secret's name from the mask.
    """

    def format(self, record: logging.LogRecord) -> str:
        request_id, trace_id = trace.ids()
        error = self.formatException(record.exc_info) if record.exc_info else record.exc_text or ""
        if record.stack_info:
            error = f"{error}\n{self.formatStack(record.stack_info)}".strip()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
            "request_id": request_id,
            "trace_id": trace_id,
            "error": redact(error),
        }
        return json.dumps({name: value for name, value in line.items() if value}, ensure_ascii=False)
