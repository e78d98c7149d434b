"""`manage.py verify_audit`: whether the audit trail is what was sealed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.audit.models import AuditEntry
from dashboard.audit.sealing import broken


class Command(BaseCommand):
    help = "Check the seals of the audit trail. Ends with 1 and names the entries where it was changed."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(broken())
        for row in found:
            self.stderr.write(f"{row.pk}: {row}")
        if found:
            raise CommandError(f"{len(found)} entries are not what was sealed, or one before them is missing.")
        self.stdout.write(f"{AuditEntry.objects.exclude(seal='').count()} sealed entries are as they were.")
