"""Somebody at one of the consoles, by HTTP and by the page's socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

PASSWORD = "on-air-tonight"
TEAM = "demo"


class Person:
    def __init__(self, url: str, email: str = "ada@demo.talkback.test") -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=15.0, trust_env=False)
        page = self.http.get("/sign-in")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token is not None, page.text[:500]
        fields = {"csrfmiddlewaretoken": token[1], "username": email, "email": email, "password": PASSWORD}
        assert self.http.post("/sign-in", data=fields).status_code == 302

    def at(self, url: str) -> Person:
        """The same login at another console."""
        other = object.__new__(Person)
        other.url = url
        other.http = httpx.Client(base_url=url, timeout=15.0, trust_env=False, cookies=self.http.cookies)
        return other

    def post(self, path: str, **fields: str) -> httpx.Response:
        token = self.http.get("/csrf").json()["token"]
        headers = {"X-CSRFToken": token, "HX-Request": "true", "X-Confirmed": "1"}
        return self.http.post(f"/t/{TEAM}/{path}", data=fields, headers=headers)

    def say(self, code: str, text: str) -> httpx.Response:
        return self.post(f"rooms/{code}/takeovers/", text=text, mode="append", key=uuid.uuid4().hex)

    @contextlib.asynccontextmanager
    async def socket(self, **topics: int) -> AsyncIterator[Page]:
        """`room_7=0` follows room:7 from its number 0."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar)
        address = self.url.replace("http", "ws") + "/ws/live"
        async with connect(address, origin=self.url, additional_headers={"Cookie": cookies}) as line:  # type: ignore[arg-type]
            names = {name.replace("_", ":"): since for name, since in topics.items()}
            await line.send(json.dumps({"op": "hello", "view": "desk", "language": "en", "topics": names}))
            yield Page(line)


class Page:
    def __init__(self, line: ClientConnection) -> None:
        self.line = line

    async def until(self, seen: Callable[[dict[str, Any]], bool], within_s: float) -> float:
        """Seconds until a frame that `seen` likes."""
        began = time.monotonic()
        async with asyncio.timeout(within_s):
            while not seen(json.loads(await self.line.recv())):
                pass
        return time.monotonic() - began

    async def shows(self, text: str, within_s: float) -> float:
        return await self.until(lambda frame: text in json.dumps(frame, ensure_ascii=False), within_s)
