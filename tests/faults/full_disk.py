"""`manage.py talkback` on a SQLite file that grows no further while the file that FULL_DISK names says so.

`python -m tests.faults.full_disk …`. Pages are counted per connection (`PRAGMA max_page_count`), so each looks before
it does anything.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

#: SQLite's own: more than any disk holds.
NO_END = 1_073_741_823


def look_before(path: Path) -> None:
    """From now on each statement of each connection minds what `path` says: pages at most, or nothing."""
    from django.db.backends.signals import connection_created

    known: dict[int, int] = {}

    def minding(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        connection = context["connection"]
        most = int(path.read_text()) if path.exists() else NO_END
        if known.get(id(connection.connection)) != most:
            known[id(connection.connection)] = most
            connection.connection.execute(f"PRAGMA max_page_count = {most}")
        return execute(sql, params, many, context)

    def begin(connection: Any, **_: Any) -> None:
        if minding not in connection.execute_wrappers:
            connection.execute_wrappers.append(minding)

    connection_created.connect(begin, weak=False)


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    django.setup()
    look_before(Path(os.environ["FULL_DISK"]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])
