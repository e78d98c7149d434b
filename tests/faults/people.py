"""People at the consoles, by HTTP alone: they say, cancel, start and stop, and press again when nobody answers."""

from __future__ import annotations

import asyncio
import uuid
from random import Random
from typing import Any

import httpx

from tests.faults.books import Asked, Ledger
from tests.faults.place import WEBS, Place
from tests.scaled.person import TEAM
from tests.scaled.person import Person as Login

FILL = "现在为大家说明一下，这个问题问得好，拍下之后今天就能发出，请放心"
#: A press is repeated for so long; consoles are never away that long.
PATIENCE_S = 120.0


class Person:
    """One login, used at whichever console answers; `books` keeps what they know."""

    def __init__(self, place: Place, books: Ledger, email: str) -> None:
        self._place, self._books = place, books
        login = Login(place.url("web-1"), email)
        self.cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in login.http.cookies.jar)
        self._token = str(login.http.get("/csrf").json()["token"])
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(15.0, connect=2.0), trust_env=False, cookies=login.http.cookies
        )

    async def post(self, path: str, *, first: str = "web-1", **fields: str) -> httpx.Response:
        """The first answer of any console: the same fields go again, to the other one, while none comes."""
        loop, order = asyncio.get_running_loop(), [first, *(name for name in WEBS if name != first)]
        deadline, tries = loop.time() + PATIENCE_S, 0
        while True:
            url = self._place.url(order[tries % len(order)])
            headers = {"X-CSRFToken": self._token, "HX-Request": "true", "X-Confirmed": "1", "Origin": url}
            tries += 1
            try:
                answer = await self._http.post(f"{url}/t/{TEAM}/{path}", data=fields, headers=headers)
                if answer.status_code < 500:
                    return answer
                self._books.count(f"answered {answer.status_code}")
            except httpx.HTTPError as problem:
                self._books.count(f"unanswered: {type(problem).__name__}")
            if loop.time() > deadline:
                self._books.fault(f"no console answered {path} within {PATIENCE_S:.0f} s")
                return httpx.Response(599)
            await asyncio.sleep(0.3)

    async def say(self, code: str, dice: Random, first: str = "web-1", mode: str = "") -> Asked:
        asked = Asked(self._books.new_tag(), uuid.UUID(int=dice.getrandbits(128), version=4).hex)
        self._books.asked.append(asked)
        text = f"{asked.tag}，{FILL}"[: dice.choice((14, 18, 30))] + "。"
        mode = mode or dice.choices(("append", "insert", "now"), (7, 2, 1))[0]
        answer = await self.post(f"rooms/{code}/takeovers/", first=first, text=text, mode=mode, key=asked.key)
        asked.is_acknowledged = answer.status_code == 204
        self._books.count("sentences asked")
        if not asked.is_acknowledged:
            self._books.count(f"sentence refused: {answer.status_code}")
        return asked

    async def cancel(self, pk: int, version: int) -> int:
        answer = await self.post(f"takeovers/{pk}/cancel", version=str(version))
        return answer.status_code

    async def start(self, code: str, key: str, first: str = "web-1") -> httpx.Response:
        return await self.post(f"rooms/{code}/start", first=first, key=key)

    async def stop(self, code: str) -> httpx.Response:
        return await self.post(f"rooms/{code}/stop", word=code, reason="the run goes on elsewhere")

    async def arm(self, code: str, first: str = "web-1") -> Any:
        return await self.post(f"rooms/{code}/floor/arm", first=first)

    async def close(self) -> None:
        await self._http.aclose()
