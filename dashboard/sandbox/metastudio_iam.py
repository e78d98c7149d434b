"""Who calls: the token service (002:503-590, 002:13953-13985), and tokens or signatures on every other call."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.sandbox.http import Request, Response, json_response
from dashboard.sandbox.metastudio_keys import same
from dashboard.sandbox.metastudio_signature import SignatureRefused, Signed, verify
from dashboard.sandbox.metastudio_wire import INVALID, UNAUTHORIZED, WRONG_PROJECT, Refused, book, json_of, read_body
from dashboard.sandbox.world import World

TOKENS_PATH, PROJECTS_PATH = "/v3/auth/tokens", "/v3/projects"
ENDPOINTS = {TOKENS_PATH: "create_token", PROJECTS_PATH: "list_projects"}
# 002:547.
LIFETIME = timedelta(hours=24)
MOST_TOKENS = 1_000
PROJECT_NAME = "cn-north-4"


class Iam:
    def __init__(self, world: World) -> None:
        self._world = world
        # Only digests are kept, with their end in Unix seconds.
        self.tokens: dict[str, float] = {}

    def endpoint_of(self, path: str) -> str | None:
        """Which of the token service's two calls this is, if any."""
        return ENDPOINTS.get(path.rstrip("/"))

    def answer(self, request: Request) -> Response:
        if request.path.rstrip("/") == TOKENS_PATH and request.method == "POST":
            return self._issue(request)
        if request.path.rstrip("/") == PROJECTS_PATH and request.method == "GET":
            self.check(request)
            return json_response({"projects": [self._project()], "links": {"next": None, "previous": None}})
        raise Refused(("MSS.00000002", 405))

    def _issue(self, request: Request) -> Response:
        """002:549; the scope must be a project (002:551), by its name or its id."""
        auth = read_body(book().endpoint("create_token"), request)["auth"]
        user = auth["identity"]["password"]["user"]
        wanted = project_of(json_of(request))
        if wanted is None:
            raise Refused(INVALID, detail="/auth/scope/project/name is missing")
        named = (user["domain"]["name"], user["name"], user["password"])
        own = self._world.credentials
        pairs = zip(named, (own.iam_domain, own.iam_user, own.iam_password), strict=True)
        # All three are compared before the verdict, so that it does not tell which was wrong.
        fits = [same(given, own_text) for given, own_text in pairs]
        if not all(fits):
            raise Refused(UNAUTHORIZED, detail="the user name or password is wrong")
        if wanted not in (own.project_id, PROJECT_NAME, *regions()):
            raise Refused(WRONG_PROJECT)
        return self._answer_token(own.iam_user)

    def _answer_token(self, user: str) -> Response:
        now = self._world.clock.wall()
        token = "MII" + self._world.ids.hex("metastudio.token", 64) + self._world.credentials.sk[:8]
        self.tokens = {digest: until for digest, until in self.tokens.items() if until > now.timestamp()}
        if len(self.tokens) >= MOST_TOKENS:
            del self.tokens[next(iter(self.tokens))]
        self.tokens[digest_of(token)] = (now + LIFETIME).timestamp()
        self._world.touch()
        body: dict[str, Any] = {
            "token": {
                "methods": ["password"],
                "issued_at": print_micros(now),
                "expires_at": print_micros(now + LIFETIME),
                "user": {"name": user, "domain": {"name": self._world.credentials.iam_domain}},
                "project": {"id": self._project()["id"], "name": PROJECT_NAME},
            }
        }
        return json_response(body, 201, {"X-Subject-Token": token})

    def _project(self) -> dict[str, Any]:
        return {
            "id": self._world.credentials.project_id,
            "name": PROJECT_NAME,
            "is_domain": False,
            "enabled": True,
            "description": "",
        }

    def expire_tokens(self) -> None:
        self.tokens.clear()

    # --- every other call ------------------------------------------------------------------------------------------

    def check(self, request: Request) -> None:
        """A token or a signature of this account; raises Refused (A80: without either 401)."""
        now = self._world.clock.wall()
        token = request.headers.get("x-auth-token")
        if token is not None:
            if self.tokens.get(digest_of(token), 0.0) <= now.timestamp():
                raise Refused(UNAUTHORIZED, detail="the token is wrong or expired")
            return
        signed = Signed(request.method, request.raw_path, request.raw_query, request.headers, request.body)
        try:
            verify(signed, {self._world.credentials.ak: self._world.credentials.sk}, now)
        except SignatureRefused as refused:
            raise Refused(UNAUTHORIZED, detail=refused.reason) from None

    def check_project(self, request: Request, project_id: str) -> None:
        header = request.headers.get("x-project-id")
        own = self._world.credentials.project_id
        if project_id != own or header not in (None, "", own):
            raise Refused(WRONG_PROJECT)


def project_of(body: Any) -> str | None:
    """What the scope names; an id is no row of the reference, and the token service has it all the same."""
    project = (body["auth"].get("scope") or {}).get("project") or {}
    wanted = project.get("id") or project.get("name")
    return wanted if isinstance(wanted, str) else None


def regions() -> set[str]:
    return {region for row in book().rate_limits for region in row.per_region}


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def print_micros(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
