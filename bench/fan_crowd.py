"""A crowd of browsers without a browser: sockets that say hello and count what they are told. Run by `fan_out.py`.

Prints one JSON line: deliveries, and the milliseconds from the time that a frame carries to its arrival.
Times are CLOCK_MONOTONIC, which all processes of one machine share.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import uvloop

LENGTH_BYTES = {126: 2, 127: 8}


@dataclass
class Course:
    """What all sockets of this process share."""

    mark: bytes
    begin: float = 0.0
    end: float = 0.0
    #: (arrival, number of the frame) of each delivery; numbers become times once the server told when it sent which.
    got: list[tuple[float, int]] = field(default_factory=list)
    bytes_per_frame: int = 0
    #: All texts, ticks among them.
    texts: int = 0
    backwards: int = 0


class Browser(asyncio.Protocol):
    """`hello`: the bytes to send once the handshake is over; raw: there is none, frames come by their length alone."""

    def __init__(self, course: Course, request: bytes, hello: bytes, ready: asyncio.Future[None]) -> None:
        self._course, self._request, self._hello, self._ready = course, request, hello, ready
        self._rest = bytearray()
        self._is_open = not request
        self._newest = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        if self._request:
            self.transport.write(self._request)
        else:
            self._ready.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        if not self._is_open:
            head, found, rest = bytes(self._rest).partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                raise RuntimeError(head.decode(errors="replace"))
            self._is_open, self._rest = True, bytearray(rest)
            if self._hello:
                self.transport.write(self._hello)  # ready once it is greeted
            else:
                self._ready.set_result(None)
        self._read(time.monotonic())

    def connection_lost(self, error: Exception | None) -> None:
        if not self._ready.done():
            self._ready.set_exception(error or ConnectionResetError("closed before it was open"))

    def _read(self, now: float) -> None:
        rest, at = self._rest, 0
        while len(rest) - at >= 2:
            size, head = rest[at + 1], 2
            if size > 125:
                head += LENGTH_BYTES[size]
                size = int.from_bytes(rest[at + 2 : at + head], "big") if len(rest) - at >= head else 1 << 40
            if len(rest) - at < head + size:
                break
            self._frame(rest, at, at + head, at + head + size, now)
            at += head + size
        if at:
            del rest[:at]

    def _frame(self, rest: bytearray, begin: int, payload: int, end: int, now: float) -> None:
        course = self._course
        if rest[begin] & 0xF != 1:
            return
        course.texts += course.begin <= now < course.end
        found = rest.find(course.mark, payload, end)
        if found < 0:
            return
        if not self._ready.done():
            self._ready.set_result(None)
        number = int(rest[found + len(course.mark) : found + len(course.mark) + 12].split(b",")[0].split(b"}")[0])
        course.backwards += number < self._newest
        self._newest = number
        if course.begin <= now < course.end:
            course.got.append((now, number))
            course.bytes_per_frame = max(course.bytes_per_frame, end - begin)


def handshake(port: int, path: str, cookie: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        f"Origin: http://127.0.0.1:{port}",
        f"Cookie: {cookie}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def text_frame(text: str) -> bytes:
    """As a browser sends it: masked, here with zeros."""
    payload = text.encode()
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return b"\x81" + size + b"\0\0\0\0" + payload


async def main(wanted: dict[str, Any]) -> None:
    loop = asyncio.get_running_loop()
    course = Course(wanted["mark"].encode())
    request = handshake(wanted["port"], wanted["path"], wanted["cookie"]) if wanted["path"] else b""
    hello = text_frame(wanted["hello"]) if wanted["hello"] else b""
    sockets: list[Browser] = []
    for number in range(wanted["browsers"]):
        ready: asyncio.Future[None] = loop.create_future()
        line = socket.socket()
        line.setblocking(False)
        if number < wanted["stalled"]:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # what it does not read is soon too much
        await loop.sock_connect(line, ("127.0.0.1", wanted["port"]))
        _, browser = await loop.create_connection(lambda ready=ready: Browser(course, request, hello, ready), sock=line)
        await ready
        if number < wanted["stalled"]:
            browser.transport.pause_reading()
        sockets.append(browser)
    print("open", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)  # `fan_out.py` says when
    course.begin = time.monotonic() + wanted["warm_up_s"]
    course.end = course.begin + wanted["seconds"]
    spent = time.process_time()
    await asyncio.sleep(course.end - time.monotonic() + 0.5)
    told = {
        "deliveries": course.texts,
        "changes": len(course.got),
        "frame_bytes": course.bytes_per_frame,
        "backwards": course.backwards,
        "begin": course.begin,
        "end": course.end,
        "crowd_cpu_s": round(time.process_time() - spent, 2),
        "got": course.got if len(course.got) <= 400_000 else course.got[:: len(course.got) // 200_000],
    }
    print(json.dumps(told), flush=True)
    os._exit(0)  # a thousand polite goodbyes would be told to nobody


if __name__ == "__main__":
    uvloop.run(main(json.loads(sys.argv[1])))
