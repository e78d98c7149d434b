"""Answers to commands: an empty 204 with a toast, or the sentence of a refusal where the page asked for one."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.utils.html import escape
from django.utils.translation import gettext as _

from dashboard.lib.errors import Invalid, Refusal, Unconfirmed

NUL = "\x00"


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
    """A `Refusal` that a view raises becomes its answer: a sentence beside the field, a toast, or a whole page.

    What PostgreSQL could not keep is refused before any view sees it.
    """

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., object], *_given: object) -> HttpResponse | None:
        """PostgreSQL keeps no NUL, and nobody types one: no view of ours meets it in an address or a form."""
        if NUL in request.path:
            return HttpResponseNotFound()
        # What machines send is read by its own view, byte for byte.
        form = [] if getattr(view, "csrf_exempt", False) else request.POST.lists()
        for name, texts in (*request.GET.lists(), *form):
            if NUL in name or any(NUL in text for text in texts):
                return _answer(request, Invalid(_("The text holds a character that nothing can show."), field=name))
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return _answer(request, exception) if isinstance(exception, Refusal) else None


def _answer(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if not wants_fragment(request):
        context = {"message": refusal.message, "status": refusal.status}
        return render(request, "refused.html", context, status=refusal.status)
    response = HttpResponse(escape(refusal.message), status=refusal.status)
    if isinstance(refusal, Unconfirmed):
        response["X-Arm"] = quote(refusal.consequence)  # no error: the button asks for its second press
        return response
    if refusal.field:
        response["X-Field"] = quote(refusal.field)  # the page says it there, where it has that field
    if request.headers.get("Idempotency-Key") is None or not refusal.field:
        response["X-Toast"] = "warn:" + quote(refusal.message)
    return response
