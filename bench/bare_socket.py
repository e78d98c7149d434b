"""The baseline of `frame_to_dom.py`: a bare uvicorn and its WebSocket that pushes a 400-byte fragment to a page."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import uvicorn

GAP_S = 0.1
PAGE = b"<!doctype html><meta charset=utf-8><title>bare</title><p id=region>0</p>"


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        headers = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        pushing = asyncio.create_task(_push(send))
        while (await receive())["type"] != "websocket.disconnect":
            pass
        pushing.cancel()


async def _push(send: Any) -> None:
    number = 0
    while True:
        number += 1
        html = f'<p id="region" data-seq="{number}">{"x" * 360}</p>'
        frame = {"html": html, "at": time.time() * 1000}
        await send({"type": "websocket.send", "text": json.dumps(frame)})
        await asyncio.sleep(GAP_S)


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", lifespan="off", ws_per_message_deflate=False)
