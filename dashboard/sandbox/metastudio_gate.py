"""Who may call, and how often: tokens, signatures, the keys of report addresses, calls per second."""

from __future__ import annotations

from typing import Any

from dashboard.sandbox.http import Request
from dashboard.sandbox.metastudio_iam import Iam
from dashboard.sandbox.metastudio_keys import Keys
from dashboard.sandbox.metastudio_limits import Limits
from dashboard.sandbox.metastudio_wire import THROTTLED, Refused, check_headers
from dashboard.sandbox.world import World
from dashboard.vendors.contract.model import Endpoint


class Gate:
    def __init__(self, world: World) -> None:
        self.iam = Iam(world)
        self.keys = Keys(world)
        self._limits = Limits(world.clock.real)

    def admit(self, request: Request, endpoint: Endpoint, values: dict[str, str], region: str) -> None:
        """Raises Refused for strangers, another project, odd headers, and beyond the region's calls per second."""
        self._authenticate(request, endpoint, values)
        check_headers(endpoint, request)
        if not self._limits.admit(endpoint, region):
            raise Refused(THROTTLED)

    def _authenticate(self, request: Request, endpoint: Endpoint, values: dict[str, str]) -> None:
        auth_key = request.value("auth_key")
        if endpoint.path.endswith("/live-event-report") and auth_key:
            refresh = request.value("refresh_url").lower() == "true"
            self.keys.check_report(values["job_id"], auth_key, request.value("expires_time"), refresh=refresh)
        else:
            self.iam.check(request)
        self.iam.check_project(request, values.get("project_id", ""))

    def expire_all(self) -> None:
        """Whatever was handed out so far opens nothing any more."""
        self.iam.expire_tokens()
        self.keys.generation += 1

    def snapshot(self) -> dict[str, Any]:
        return {"tokens": dict(self.iam.tokens), "generation": self.keys.generation}

    def restore(self, saved: dict[str, Any]) -> None:
        self.iam.tokens = dict(saved["tokens"])
        self.keys.generation = int(saved["generation"])

    def reset(self) -> None:
        self._limits.clear()
