"""The sandbox's control API, asked in the request of the person who turns it. Only sandbox accounts come here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import httpx
from django.utils.translation import gettext as _

from dashboard.lib.errors import Conflict, Invalid
from dashboard.vendors.models import VendorAccount

#: The sandbox is on this machine; what does not answer within this is not there.
TIMEOUT_S = 2.0


class Sandbox:
    """Raises `Conflict` when the sandbox does not answer, `Invalid` when it refuses what was asked."""

    def __init__(self, account: VendorAccount, transport: httpx.BaseTransport | None = None) -> None:
        if not account.is_sandbox:
            raise ValueError("not a sandbox account")
        self._base = account.base_url.rstrip("/") + "/sandbox"
        self._transport = transport

    def state(self) -> dict[str, Any]:
        """Clock, sessions and jobs, audience, faults."""
        return self._ask("GET", "/state")

    def set_speed(self, speed: float) -> None:
        self._ask("PUT", "/clock", {"speed": speed})

    def set_audience(self, session: str, *, url: str, rate_per_s: float, seed: int) -> None:
        self._ask("PUT", "/audience", {"job": session, "url": url, "rate_per_s": rate_per_s, "seed": seed})

    def add_fault(self, fault: Mapping[str, object]) -> str:
        return str(self._ask("POST", "/faults", fault)["id"])

    def take_back(self, fault_ids: Iterable[str]) -> None:
        for fault_id in fault_ids:
            self._ask("DELETE", f"/faults/{fault_id}", gone_is_fine=True)

    def take_all_back(self) -> None:
        self._ask("DELETE", "/faults")

    def heard(self, session: str, since: datetime) -> list[dict[str, Any]]:
        """What was audible in one session at or after `since`, as the sandbox's own record has it."""
        query = {"session": session, "ended_after": since.isoformat()}
        return list(self._ask("GET", "/audible", query=query)["heard"])

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        gone_is_fine: bool = False,
    ) -> dict[str, Any]:
        try:
            with httpx.Client(timeout=TIMEOUT_S, trust_env=False, transport=self._transport) as http:
                answer = http.request(method, self._base + path, json=body, params=query)
        except httpx.HTTPError as error:
            raise Conflict(
                _("The sandbox does not answer, so nothing was changed. Start it again with “make run”."),
                code="sandbox_silent",
            ) from error
        if answer.is_success or (gone_is_fine and answer.status_code == httpx.codes.NOT_FOUND):
            return dict(answer.json())
        raise Invalid(_("The sandbox refused: %(why)s") % {"why": _reason(answer)}, code="sandbox_refused")


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"])[:200]
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code}"
