"""Somebody with a microphone: arms, presses, speaks for some seconds, lets go; takes what comes as a page would."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.faults.people import Person
from tests.faults.place import Place
from tests.flows.microphone import FRAME, FRAME_S

OPENS_WITHIN_S = 8.0


async def talk(place: Place, person: Person, code: str, *, at: str, seconds: float) -> str:
    """How it ended: `spoken`, or the word of the frame or close that ended it."""
    answer = await person.arm(code, at)
    if answer.status_code != 200:
        return f"not armed: {answer.status_code}"
    ticket = answer.json()
    url = place.url(at)
    try:
        async with connect(
            url.replace("http", "ws") + ticket["path"],
            origin=url,  # type: ignore[arg-type]
            additional_headers={"Cookie": person.cookies},
            open_timeout=3,
            close_timeout=2,
            proxy=None,
        ) as socket:
            return await _speak(socket, ticket["ticket"], seconds)
    except (OSError, TimeoutError, WebSocketException) as problem:
        return f"line lost: {type(problem).__name__}"


async def _speak(socket: ClientConnection, ticket: str, seconds: float) -> str:
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    reading, alive = asyncio.create_task(_read(socket, told)), asyncio.create_task(_alive(socket))
    try:
        await socket.send(json.dumps({"op": "hello", "ticket": ticket}))
        if (word := await _until(told, "armed")) != "armed":
            return word
        await socket.send(json.dumps({"op": "open", "key": uuid.uuid4().hex, "confirmed": True}))
        if (word := await _until(told, "opening")) != "opening":
            return word
        for _ in range(round(seconds / FRAME_S)):
            await socket.send(FRAME)
            await asyncio.sleep(FRAME_S)
        await socket.send(json.dumps({"op": "close", "why": "released"}))
        word = await _until(told, "over")
        return "spoken" if word == "over" else word
    finally:
        for task in (reading, alive):
            task.cancel()
        await asyncio.gather(reading, alive, return_exceptions=True)


async def _read(socket: ClientConnection, told: asyncio.Queue[dict[str, Any]]) -> None:
    with contextlib.suppress(WebSocketException):
        async for frame in socket:
            told.put_nowait(json.loads(frame))
    told.put_nowait({"t": f"closed {socket.close_code}"})


async def _alive(socket: ClientConnection) -> None:
    with contextlib.suppress(WebSocketException):
        while True:
            await asyncio.sleep(0.4)
            await socket.send('{"op": "alive"}')


async def _until(told: asyncio.Queue[dict[str, Any]], word: str) -> str:
    try:
        async with asyncio.timeout(OPENS_WITHIN_S):
            while True:
                frame = await told.get()
                said = str(frame["t"])
                if said == word or said == "refused" or said.startswith("closed"):
                    return said if said != "refused" else f"refused: {frame.get('why')}"
    except TimeoutError:
        return f"no {word}"
