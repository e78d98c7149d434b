"""The doors of the intake. They bear no session and no CSRF token: the signature in address or headers is the key."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from dashboard.lib.errors import Refusal
from dashboard.live.intake import audience as audience_intake
from dashboard.live.intake import callbacks
from dashboard.live.intake.writer import Full

#: No documented callback comes near it.
LARGEST_CALLBACK = 64 * 1024
#: The database is lost, full or too slow, or too much waits for it: whoever told us must tell us again.
_NOT_RECORDED = (OperationalError, TimeoutError, Full)


def _body(request: HttpRequest) -> bytes | None:
    try:
        return request.body
    except RequestDataTooBig:
        return None


def _headers(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _query(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.GET.lists() for value in values]


@csrf_exempt
@require_POST
def job_callback(request: HttpRequest, slug: str) -> HttpResponse:
    return _answer(callbacks.of_job, request, slug)


@csrf_exempt
@require_POST
def account_callback(request: HttpRequest, slug: str) -> HttpResponse:
    return _answer(callbacks.of_account, request, slug)


Take = Callable[[str, list[tuple[str, str]], dict[str, str], bytes], callbacks.Answer]


def _answer(take: Take, request: HttpRequest, slug: str) -> HttpResponse:
    body = _body(request)
    if body is None or len(body) > LARGEST_CALLBACK:
        return HttpResponse("Too large.", status=413, content_type="text/plain")
    try:
        answer = take(slug, _query(request), _headers(request), body)
    except _NOT_RECORDED:
        # Not committed, so not acknowledged: the vendor sends it again.
        return HttpResponse("Try again.", status=503, content_type="text/plain")
    return HttpResponse(answer.text, status=answer.status, content_type="text/plain")


@csrf_exempt
@require_POST
def audience(request: HttpRequest, slug: str, signature: str) -> JsonResponse:
    body = _body(request)
    if body is None:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        return JsonResponse({"error": f"At most {most} bytes in one report.", "field": "body"}, status=413)
    try:
        new = audience_intake.take_report(slug, signature, body)
    except Refusal as refusal:
        return JsonResponse({"error": refusal.message, "field": refusal.field}, status=refusal.status)
    except _NOT_RECORDED:
        return JsonResponse({"error": "Not recorded; send this report again.", "field": ""}, status=503)
    return JsonResponse({"recorded": new})
