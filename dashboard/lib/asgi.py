"""Django under ASGI, where every view and half of the middlewares are synchronous."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_started
from django.db import close_old_connections, reset_queries
from django.http import HttpRequest, HttpResponseBase

#: So many may wait for the database at once, and a stop still finds a free one. They begin when they are needed.
MOST_AT_ONCE = 40
_pool = ThreadPoolExecutor(max_workers=MOST_AT_ONCE, thread_name_prefix="request")


class OneTripHandler(ASGIHandler):
    """Takes all middlewares and the view to a thread in one trip, to one that has served others before.

    Django's own begins a thread for each request, and goes to it with the signal that one began, with the first
    synchronous middleware and for the view: a fifth of a small answer's time, and a wait at each turn.
    """

    def __init__(self) -> None:
        super().__init__()
        for receiver in (reset_queries, close_old_connections):
            request_started.disconnect(receiver)  # `_serve` does both, in the thread that they are about
        self._in_thread = sync_to_async(self._serve, thread_sensitive=False, executor=_pool)

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(
        self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            raise ValueError(f"not a request: {scope['type']}")
        await self.handle(scope, receive, send)  # without the context that begins a thread

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await self._in_thread(request)

    def _serve(self, request: HttpRequest) -> HttpResponseBase:
        reset_queries()
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
