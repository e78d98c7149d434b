"""Seals of the audit trail: each entry's seal also covers the one before it, so a change or a gap shows.

A seal is made with a key that is not in the database: who can only write to it can't make one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from dashboard.audit.models import AuditEntry
from dashboard.lib.canonical import canonical

BATCH = 200
#: Longer than any transaction lasts: an entry with a smaller number can't appear behind one that is sealed.
SEALED_AFTER = timedelta(seconds=60)
_COLUMNS = tuple(field.attname for field in AuditEntry._meta.concrete_fields if field.attname != "seal")


def seal_next(now: datetime) -> int:
    """Seal the next entries in order, at most `BATCH`; how many."""
    with transaction.atomic():
        rows = list(AuditEntry.objects.select_for_update().filter(seal="").order_by("pk")[:BATCH])
        if not rows:
            return 0
        before = AuditEntry.objects.filter(pk__lt=rows[0].pk).order_by("-pk").first()
        last, sealed = before.seal if before is not None else "", []
        for row in rows:
            if row.at > now - SEALED_AFTER:
                break
            row.seal = last = _seal(row, last, settings.ENCRYPTION_KEYS[0])
            sealed.append(row)
        AuditEntry.objects.bulk_update(sealed, ["seal"])
    return len(sealed)


def broken() -> Iterator[AuditEntry]:
    """Entries that are not what was sealed, or follow a gap. What is not sealed yet at the trail's end is none."""
    last, unsealed = "", None
    for row in AuditEntry.objects.order_by("pk").iterator(chunk_size=BATCH):
        if not row.seal:
            unsealed = unsealed or row
            continue
        if unsealed is not None:
            yield unsealed  # put in, or its seal taken away, after a later one was sealed
            unsealed = None
        if not any(hmac.compare_digest(row.seal, _seal(row, last, key)) for key in settings.ENCRYPTION_KEYS):
            yield row
        last = row.seal


def _seal(row: AuditEntry, before: str, key: str) -> str:
    said = canonical([before, *(getattr(row, name) for name in _COLUMNS)])
    return hmac.new(hashlib.sha256(b"audit seal " + key.encode()).digest(), said.encode(), hashlib.sha256).hexdigest()
