"""Answers to commands: an empty 204 with a toast, or the sentence of a refusal where the page asked for one."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape

from dashboard.lib.errors import Refusal, Unconfirmed


def done(message: str = "", *, status: int = 204, is_warning: bool = False) -> HttpResponse:
    """The command was taken. What it changed reaches the page by its socket, like everybody else's.

    `is_warning`: not all of it was done; the words stay until they are closed.
    """
    response = HttpResponse(status=status)
    if message:
        response["X-Toast"] = ("warn:" if is_warning else "") + quote(message)
    return response


def go_to(url: str) -> HttpResponse:
    """Let an htmx request end on another page."""
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response


def wants_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


class RefusalMiddleware:
    """A `Refusal` that a view raises becomes its answer: a sentence beside the field, a toast, or a whole page."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        if not wants_fragment(request):
            context = {"message": exception.message, "status": exception.status}
            return render(request, "refused.html", context, status=exception.status)
        response = HttpResponse(escape(exception.message), status=exception.status)
        if isinstance(exception, Unconfirmed):
            response["X-Arm"] = quote(exception.consequence)  # no error: the button asks for its second press
            return response
        if exception.field:
            response["X-Field"] = exception.field  # the page says it there, where it has that field
        if request.headers.get("Idempotency-Key") is None or not exception.field:
            response["X-Toast"] = "warn:" + quote(exception.message)
        return response
