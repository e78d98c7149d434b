"""What a database that was put back must not do: it believes in wishes of then, and pages and people know more than it.

Written in plain SQL, on columns that every release has had: the file may be older than this code.
"""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime
from pathlib import Path

#: More than a database can count in a month at 3,000 facts a second, and small enough for JavaScript's numbers.
AHEAD = 10**10

#: Words that had not left then may have been said since: they end without being sent.
_NOT_SAID = """
UPDATE takeover_takeover SET state = 'expired', expired_at = :now, due_at = NULL, version = version + 1
WHERE claimed_at IS NULL AND state IN ('held', 'awaiting_approval', 'waiting')
"""
_NOT_SENT = """
UPDATE vendors_command SET state = 'withdrawn', settled_at = :now
WHERE state = 'ready' AND kind IN ('say', 'sound', 'scene')
"""
#: Whatever else waited for a job may have happened since: it counts as sent and not answered, one per lane, and the
#: relay finds out as it does after any lost answer. Else a job that ended long ago could be started, and billed.
_IN_DOUBT = """
UPDATE vendors_command SET state = 'sending', claimed_at = created_at, deadline_at = created_at
WHERE id IN (SELECT min(id) FROM vendors_command WHERE state = 'ready' AND job_id IS NOT NULL GROUP BY lane)
AND lane NOT IN (SELECT lane FROM vendors_command WHERE state = 'sending' OR (state = 'unknown' AND kind = 'create'))
"""
#: An open page shows nothing that is numbered below what it has seen.
_NUMBERS = "UPDATE events_sequence SET seq = seq + :ahead"
#: Logins that were ended since must not come back to life.
_LOGINS = "DELETE FROM django_session"
_ROLES = "UPDATE accounts_user SET access_epoch = access_epoch + 1"


def lay_to_rest(database: Path, now: datetime) -> None:
    """Change the file so that nothing which waited in it is said or started once more, and all sign in again."""
    values = {"now": now.strftime("%Y-%m-%d %H:%M:%S.%f"), "ahead": AHEAD}
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        for statement in (_NOT_SAID, _NOT_SENT, _IN_DOUBT, _NUMBERS, _LOGINS, _ROLES):
            connection.execute(statement, values)
