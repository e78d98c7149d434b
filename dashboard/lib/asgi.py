"""Django under ASGI, where every view and half of the middlewares are synchronous."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponseBase

#: Threads that stay for requests to come. More begin when more requests are under way, and end with them.
MOST_IDLE = 40
_idle: list[ThreadPoolExecutor] = []
#: Under this key a scope holds its request, until the request is over.
_REQUEST = "talkback.request"


class OneTripHandler(ASGIHandler):
    """Takes all middlewares and the view to a thread in one trip, to one that has served others before.

    Django's own goes to the thread with the first synchronous middleware, back to the event loop behind the last one,
    and to the thread again for the view: a quarter of a page's time, and in a busy process a wait at each turn. And it
    begins a thread for each request: a quarter of a small answer's.

    And a request is no garbage behind its answer. Django's own is held by two kinds of cycles, 120 objects with it, and
    taking those of four seconds apart stopped a busy console for up to 75 ms (docs/decisions/0050). A streamed answer
    must not hold its request: a stop that does not wait for the stream empties it.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        thread = _borrowed()
        try:
            async with ThreadSensitiveContext(executor=thread):
                await super().__call__(scope, receive, send)
        finally:
            # By the thread itself: whoever goes away leaves it at work.
            thread.submit(_over, thread, scope.pop(_REQUEST, None))

    def create_request(self, scope: Any, body_file: Any) -> Any:
        made = super().create_request(scope, body_file)
        scope[_REQUEST] = made[0]
        return made

    async def listen_for_disconnect(self, receive: Any) -> None:
        # Django ignores this error; raised, it and the frame that catches it would keep each other.
        with suppress(RequestAborted):
            await super().listen_for_disconnect(receive)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


def _borrowed() -> ThreadPoolExecutor:
    """A thread for one request alone: nobody waits behind another, however many wait for the database."""
    try:
        return _idle.pop()
    except IndexError:
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix="request")


def _over(thread: ThreadPoolExecutor, request: HttpRequest | None) -> None:
    if request is not None:
        vars(request).clear()  # its user, messages, htmx details and nonce refer back to it
    if len(_idle) < MOST_IDLE:
        _idle.append(thread)
    else:
        thread.shutdown(wait=False)
