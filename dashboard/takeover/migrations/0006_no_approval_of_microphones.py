from __future__ import annotations

from typing import Any

from django.db import migrations


def leave_microphones_out(apps: Any, _schema_editor: Any) -> None:
    """Rooms could choose that a microphone takes a second person, who was never asked; their other choices stay."""
    policies = apps.get_model("takeover", "SecondPerson")
    for row in policies.objects.all():
        if "voice" in row.kinds:
            row.kinds = [kind for kind in row.kinds if kind != "voice"]
            row.save(update_fields=["kinds"])


class Migration(migrations.Migration):
    dependencies = [("takeover", "0005_floor_and_talk_tickets")]

    operations = [migrations.RunPython(leave_microphones_out, migrations.RunPython.noop)]
