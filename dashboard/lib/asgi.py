"""Django under ASGI, where every view and half of the middlewares are synchronous."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponseBase


class OneTripHandler(ASGIHandler):
    """Takes all middlewares and the view to a thread in one trip.

    Django's own goes to the thread with the first synchronous middleware, back to the event loop behind the last one,
    and to the thread again for the view: a quarter of a page's time, and in a busy process a wait at each turn.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)
