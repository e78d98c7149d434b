"""Django's SQLite, where the threads of one process take turns to write.

SQLite has one writer. Who finds it busy sleeps and tries again, up to 100 ms at a time, and whoever comes just then is
served first: under load one thread waits for seconds. Here a thread stands in line before it asks the file; other
processes still wait as SQLite has it. See docs/decisions/0034-writers-take-turns.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from dashboard.lib.sqlite.kept import KEPT, File, identity
from dashboard.lib.turns import Turns

#: Before SQLite's own patience with other processes ("timeout" in the settings), which comes on top.
PATIENCE_S = 3.0
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
#: By database file.
_TURNS: defaultdict[str, Turns] = defaultdict(Turns)


class DatabaseWrapper(base.DatabaseWrapper):
    """A turn lasts from BEGIN to COMMIT, ROLLBACK or the connection's end, or for one statement outside of that."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn: Turns | None = None
        self._file: File | None = None
        self._cursors: WeakSet[Any] = WeakSet()
        self.execute_wrappers.append(self._alone_in_turn)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        path = str(self.settings_dict["NAME"])
        self._cursors.clear()
        if kept := KEPT.take(path):
            self._file = kept.file
            return kept.connection
        before = identity(path)
        connection = super().get_new_connection(conn_params)
        self._file = before if before == identity(path) else None  # else nobody knows which of the two it has
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        self._cursors.add(cursor)
        return cursor

    def is_usable(self) -> bool:
        """Django asks after an error, and takes no for a reason to close: what broke is not handed to others."""
        return not self.errors_occurred

    def _alone_in_turn(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """A statement that writes outside a transaction stands in line too: all who do would pass it over."""
        if self._turn is not None or not sql.startswith(_WRITES):
            return execute(sql, params, many, context)
        self._take_turn()
        try:
            return execute(sql, params, many, context)
        finally:
            self._end_turn()

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
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
            is_sound = not self.errors_occurred and not self.needs_rollback
            if KEPT.most and is_sound and self.connection:
                for cursor in list(self._cursors):  # a reading that was left half-way holds what it began to read
                    cursor.close()
                if KEPT.keep(self.connection, self._file):
                    return None
            return super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _take_turn(self) -> None:
        turns = _TURNS[str(self.settings_dict["NAME"])]
        if not turns.take(PATIENCE_S):
            raise OperationalError("database is locked")
        self._turn = turns

    def _end_turn(self) -> None:
        if self._turn is not None:
            turn, self._turn = self._turn, None
            turn.hand_on()
