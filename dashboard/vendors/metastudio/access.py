"""How a call proves who it is from: signed with the access key, or with a token (002:475-606)."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import msgspec

from dashboard.lib.clock import Clock
from dashboard.vendors.http import Answer, exchange
from dashboard.vendors.metastudio import errors, signing
from dashboard.vendors.metastudio.token import IamToken
from dashboard.vendors.port import Accepted, Credential, Guard, NotSent, Outcome, Rejected, Unknown

Body = Mapping[str, object] | None
Sent = Answer | NotSent | Unknown | Rejected


class Access:
    """The account's credentials at work. What they are good for is the client's business."""

    def __init__(self, credential: Credential, http: httpx.AsyncClient, *, clock: Clock) -> None:
        self._held = credential
        self._http = http
        self._clock = clock
        self._iam = IamToken(credential, http, clock=clock)

    async def send(self, method: str, url: str, body: Body, guard: Guard) -> Sent:
        held = self._held
        if not all(text.isascii() and text.isprintable() for text in (held.access_key, held.token, held.project_id)):
            return Rejected(errors.ours("credential"))
        if held.access_key and held.secret_key:
            return await self._send_signed(method, url, body, guard)
        if held.token:
            return await self._send_with_token(held.token, method, url, body, guard)
        if held.iam_user:
            return await self._send_with_login(method, url, body, guard)
        return Rejected(errors.ours("credential"))

    async def send_bare(self, method: str, url: str, body: Body) -> Sent:
        """For an address that carries its own key: ours go to the vendor's own address only."""
        return await exchange(self._http, self._request(method, url, body), clock=self._clock)

    async def token(self) -> Outcome[None]:
        """create_token (002:549): ask for a token now, or keep the one that is still good."""
        if not self._held.iam_user:
            return Rejected(errors.ours("credential"))
        token = await self._iam.get()
        return Accepted(None) if isinstance(token, str) else token

    async def _send_with_login(self, method: str, url: str, body: Body, guard: Guard) -> Sent:
        """A refused token may have been revoked: ask for a new one and try once more; a 401 had no effect."""
        answer: Sent = NotSent("no_connection")
        for _ in range(2):
            token = await self._iam.get()
            if not isinstance(token, str):
                return token
            answer = await self._send_with_token(token, method, url, body, guard)
            if not isinstance(answer, Answer) or answer.status != 401:
                break
            self._iam.forget(token)
        return answer

    async def _send_with_token(self, token: str, method: str, url: str, body: Body, guard: Guard) -> Sent:
        request = self._request(method, url, body)
        request.headers["X-Auth-Token"] = token
        request.headers["X-Project-Id"] = self._held.project_id
        return await exchange(self._http, request, clock=self._clock, guard=guard)

    async def _send_signed(self, method: str, url: str, body: Body, guard: Guard) -> Sent:
        request = self._request(method, url, body)
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        signed = {
            "content-type": request.headers["content-type"],
            "host": request.headers["host"],
            "x-project-id": self._held.project_id,
            "x-sdk-date": signing.stamp(self._clock.now()),
        }
        request.headers.update(signed)
        request.headers["Authorization"] = signing.authorization(
            method=method,
            path=path,
            query=query,
            headers=signed,
            body=request.content,
            access_key=self._held.access_key,
            secret_key=self._held.secret_key,
        )
        return await exchange(self._http, request, clock=self._clock, guard=guard)

    def _request(self, method: str, url: str, body: Body) -> httpx.Request:
        content = None if body is None else msgspec.json.encode(body)
        return self._http.build_request(method, url, content=content, headers={"Content-Type": "application/json"})
