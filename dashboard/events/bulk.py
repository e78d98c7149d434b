"""Events and their numbers by statements of the driver: the ORM's own way costs three times as much per row.

A burst of the audience is thousands of events a second. The columns are written down here; a test compares them with
the model's, so a new field can't be forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from collections.abc import Sequence as Many
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError

from dashboard.events.models import Event, Sequence

COLUMNS = (
    "id",
    "team_id",
    "account_id",
    "room_id",
    "job_id",
    "sequence_id",
    "seq",
    "kind",
    "source",
    "dedupe_key",
    "ref",
    "actor_id",
    "at",
    "received_at",
    "outcome",
    "data",
)
_TABLE = Event._meta.db_table
_ROW = f"({', '.join(['%s'] * len(COLUMNS))})"
#: As PostgreSQL is told of a whole column's values; what is not named here is text.
_TYPES = dict.fromkeys(
    ("id", "team_id", "account_id", "room_id", "job_id", "sequence_id", "seq", "actor_id"), "bigint"
) | {"at": "timestamptz", "received_at": "timestamptz", "data": "jsonb"}
_KNOWN = f"SELECT dedupe_key FROM {_TABLE} WHERE dedupe_key"  # noqa: S608
_INSERT = f"INSERT INTO {_TABLE} ({', '.join(COLUMNS)}) VALUES "  # noqa: S608  names of our own columns
_KINDS = [_TYPES.get(name, "text") for name in COLUMNS]
_INSERT_LISTS = (
    f"INSERT INTO {_TABLE} ({', '.join(COLUMNS)}) "  # noqa: S608
    f"SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in _KINDS)})"
)
_NUMBER_COLUMNS = ("id", "topic", "band", "seq")
_NUMBERS = Sequence._meta.db_table
_NUMBERS_OF = f"SELECT {', '.join(_NUMBER_COLUMNS)} FROM {_NUMBERS} WHERE topic"  # noqa: S608
_MOVE = f"UPDATE {_NUMBERS} SET seq = %s WHERE id = %s"  # noqa: S608
_KEEP_OUTCOME = f"UPDATE {_TABLE} SET outcome = %s, job_id = %s, ref = %s WHERE id = %s"  # noqa: S608


def locked(topics: Collection[str]) -> list[Sequence]:
    """Those sequences of `topics` that exist, locked in the order of all who lock some (`record.py`).

    Raises TransactionManagementError outside a transaction, where the lock would be gone at once.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("sequences are locked in a transaction")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":  # whose one writer holds the whole database
            cursor.execute(f"{_NUMBERS_OF} IN ({', '.join(['%s'] * len(topics))}) ORDER BY band, id", [*topics])
        else:
            cursor.execute(f"{_NUMBERS_OF} = ANY(%s) ORDER BY band, id FOR UPDATE", [[*topics]])
        return [Sequence.from_db(connection.alias, _NUMBER_COLUMNS, row) for row in cursor.fetchall()]


def move(sequences: Iterable[Sequence]) -> None:
    """Write how far these, which the caller has locked, have come."""
    with connection.cursor() as cursor:
        cursor.executemany(_MOVE, [(row.seq, row.pk) for row in sequences])


def known(keys: Many[str]) -> set[str]:
    """Which of `keys` were recorded already. The caller holds the lock of their sequences."""
    if not keys:
        return set()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"{_KNOWN} IN ({', '.join(['%s'] * len(keys))})", keys)
        else:
            cursor.execute(f"{_KNOWN} = ANY(%s)", [list(keys)])
        return {row[0] for row in cursor.fetchall()}


def insert(events: Many[Event]) -> None:
    """Write `events`, none of which has an id yet, in their order, and give them their ids.

    The caller holds the lock of their sequences, in a transaction. Raises what the database raises for a bad row.
    """
    if connection.vendor == "sqlite":
        _insert_sqlite(events)
    else:
        _insert_postgresql(events)
    for event in events:
        event._state.adding, event._state.db = False, connection.alias


def keep_outcomes(events: Many[Event]) -> None:
    """What the projections made of events that are in the table already, in the same transaction."""
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP_OUTCOME, [(str(event.outcome), event.job_id, event.ref, event.pk) for event in events])


def _insert_sqlite(events: Many[Event]) -> None:
    """There is one writer, who holds the database: the ids behind the last one are free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [_TABLE])
        found = cursor.fetchone()
        for number, event in enumerate(events, start=1 + (found[0] if found else 0)):
            event.pk = number
        cursor.executemany(_INSERT + _ROW, [_values(event, _sqlite_time) for event in events])


def _insert_postgresql(events: Many[Event]) -> None:
    """One statement with a list for each column, which the driver reads once, however many rows there are.

    Others may take ids in between.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [_TABLE, len(events)]
        )
        for event, (number,) in zip(events, cursor.fetchall(), strict=True):
            event.pk = number
        columns = zip(*(_values(event, _as_it_is) for event in events), strict=True)
        cursor.execute(_INSERT_LISTS, [list(column) for column in columns])


def _values(event: Event, time: Callable[[datetime], object]) -> tuple[Any, ...]:
    return (
        event.pk,
        event.team_id,
        event.account_id,
        event.room_id,
        event.job_id,
        event.sequence_id,
        event.seq,
        str(event.kind),
        str(event.source),
        event.dedupe_key,
        event.ref,
        event.actor_id,
        time(event.at),
        time(event.received_at),
        str(event.outcome),
        json.dumps(event.data),
    )


def _sqlite_time(at: datetime) -> str:
    """As Django writes it: UTC, without its offset."""
    return at.astimezone(UTC).isoformat(" ")[:-6]


def _as_it_is(at: datetime) -> datetime:
    return at
