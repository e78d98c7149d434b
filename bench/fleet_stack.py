"""The demo on a fleet, for programs that measure a `Stack`: PostgreSQL, Redis, two consoles, two relays, a worker."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Any

from stack import Stack, free_port

from tests.scaled.stack import Fleet, fleet


class FleetStack(Stack):
    """`with FleetStack() as stack:` runs it; what is asked by `http` is asked of the first console."""

    def __init__(self) -> None:
        super().__init__()
        self._running = ExitStack()
        self._fleet: Fleet | None = None

    @property
    def fleet(self) -> Fleet:
        """Its processes.

        Raises RuntimeError before they are started.
        """
        if self._fleet is None:
            raise RuntimeError("not started")
        return self._fleet

    def _start(self) -> None:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")  # it may name another PostgreSQL
        ports = {"web-1": self.port, "sandbox": self.sandbox_port}
        ports |= {name: free_port() for name in ("web-2", "relay-1", "relay-2")}
        self._fleet = self._running.enter_context(fleet(self.folder, ports))

    def _end(self) -> None:
        self._running.close()

    def environment(self) -> dict[str, str]:
        return self.fleet.environment

    def pids(self) -> list[int]:
        processes = self.fleet.processes
        return [processes[name].pid for name in ("web-1", "web-2", "relay-1", "relay-2", "worker")]

    def consoles(self) -> list[str]:
        return [self.fleet.url("web-1"), self.fleet.url("web-2")]

    def log(self) -> str:
        return "\n".join(self.fleet.log(name) for name in self.fleet.processes) if self._fleet else ""

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self.fleet.rows(sql.replace("?", "%s"), *values)
