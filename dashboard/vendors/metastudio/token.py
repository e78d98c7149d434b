"""The IAM token of an account without access keys (002:539-606): valid for 24 hours, so kept and renewed in time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import cast

import httpx
import msgspec

from dashboard.lib.clock import Clock
from dashboard.vendors.contract.catalogue import contract
from dashboard.vendors.contract.generated import metastudio as api
from dashboard.vendors.http import Answer, exchange
from dashboard.vendors.metastudio import errors, wire
from dashboard.vendors.port import Credential, NotSent, Rejected

LIFE = timedelta(hours=24)
# Renewed this long before its end, so that no call leaves with a token that ends on its way.
MARGIN = timedelta(minutes=30)
LONGEST_TOKEN = 16 * 1024


def token_body(held: Credential) -> api.CreateTokenBody:
    """002:551-575; the scope is the region's project where the account names a region."""
    project: api.CreateTokenProject = {"name": held.region}
    if not held.region:
        # IAM takes an ID as well; this document shows the name only.
        project = cast("api.CreateTokenProject", {"id": held.project_id})
    return {
        "auth": {
            "identity": {
                "methods": ["password"],
                "password": {
                    "user": {
                        "name": held.iam_user,
                        "password": held.iam_password,
                        "domain": {"name": held.iam_domain},
                    }
                },
            },
            "scope": {"project": project},
        }
    }


class IamToken:
    def __init__(self, credential: Credential, client: httpx.AsyncClient, *, clock: Clock) -> None:
        self._credential = credential
        self._http = client
        self._clock = clock
        self._token = ""
        self._until = datetime.min.replace(tzinfo=UTC)
        # One renewal for all calls that wait for it.
        self._renewing = asyncio.Lock()

    async def get(self) -> str | Rejected | NotSent:
        async with self._renewing:
            if self._token and self._clock.now() < self._until - MARGIN:
                return self._token
            return await self._renew()

    def forget(self, token: str) -> None:
        """It was refused. A token that is already newer stays."""
        if token == self._token:
            self._token = ""

    async def _renew(self) -> str | Rejected | NotSent:
        held = self._credential
        call = api.CreateToken(body=token_body(held))
        documented = call.documented(contract("metastudio"))
        request = self._http.build_request(
            documented.method,
            held.iam_url.rstrip("/") + documented.path,
            content=msgspec.json.encode(call.body),
            headers={"Content-Type": "application/json"},
        )
        answer = await exchange(self._http, request, clock=self._clock)
        if not isinstance(answer, Answer):
            # Whatever became of the login, the call that needs it was not sent.
            return answer if isinstance(answer, NotSent) else NotSent("no_connection", detail=f"IAM: {answer.why}")
        if 400 <= answer.status < 500 and answer.status not in (408, 429):
            return Rejected(errors.ours("iam", f"HTTP {answer.status}"), answer.request_id)
        token = str(answer.headers.get("x-subject-token", ""))
        if not 200 <= answer.status < 300 or not token or len(token) > LONGEST_TOKEN:
            return NotSent("no_connection", answer.retry_after_s, f"IAM: HTTP {answer.status}")
        self._token, self._until = token, self._end(answer)
        return token

    def _end(self, answer: Answer) -> datetime:
        latest = answer.left_at + LIFE
        try:
            told = wire.decode(answer.body, wire.TokenAnswer).token
        except wire.Unreadable:
            told = None
        until = wire.parse_time(told.expires_at) if told else None
        return min(until, latest) if until else latest
