"""Django's SQLite, where the threads of one process take turns to write.

SQLite has one writer. Who finds it busy sleeps and tries again, up to 100 ms at a time, and whoever comes just then is
served first: under load one thread waits for seconds. Here a thread stands in line before it asks the file; other
processes still wait as SQLite has it. See docs/decisions/0034-writers-take-turns.md.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from dashboard.lib.turns import Turns

#: As long as SQLite itself waits for another process ("timeout" in the settings).
PATIENCE_S = 5.0
#: By database file.
_TURNS: defaultdict[str, Turns] = defaultdict(Turns)


class DatabaseWrapper(base.DatabaseWrapper):
    """A turn lasts from BEGIN to COMMIT, ROLLBACK or the connection's end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn: Turns | None = None

    def _start_transaction_under_autocommit(self) -> None:
        turns = _TURNS[str(self.settings_dict["NAME"])]
        if not turns.take(PATIENCE_S):
            raise OperationalError("database is locked")
        self._turn = turns
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs leave these hooks out
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> Any:
        done = super()._commit()  # type: ignore[misc]
        self._end_turn()  # where it raised, a rollback follows
        return done

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        if self._turn is not None:
            turn, self._turn = self._turn, None
            turn.hand_on()
