"""Producers add clips to the library and take them out again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.accounts.models import Team, User
from dashboard.audit import trail
from dashboard.audit.trail import Actor
from dashboard.lib import clock
from dashboard.lib.errors import Invalid
from dashboard.library import files
from dashboard.library.decode import NOT_DECODABLE, TOO_LONG
from dashboard.library.models import Clip

LARGEST = 20 * 1024 * 1024
LONGEST_S = 600
#: Less is a click, not a clip.
SHORTEST_MS = 200
_DECODES_WITHIN_S = 40


@dataclass(frozen=True, slots=True)
class ClipDraft:
    """An upload: its bytes come in parts, so that no file is ever whole in memory."""

    name: str
    transcript: str
    file_name: str
    parts: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class _Decoded:
    form: str
    duration_ms: int
    peaks: list[int]


def add_clip(*, team: Team, draft: ClipDraft, user: User, actor: Actor) -> Clip:
    """Store, decode and measure a file; raises `Invalid` with the sentence that says why it can't be used."""
    stored_as = files.new_name()
    try:
        size = files.write(files.original(stored_as), draft.parts, LARGEST)
        decoded = _decode(stored_as)
        with transaction.atomic():
            clip = Clip.objects.create(
                team=team,
                name=draft.name.strip()[:120],
                transcript=draft.transcript.strip(),
                file_name=draft.file_name.replace("\x00", "")[:255],  # PostgreSQL keeps no such character
                form=decoded.form,
                stored_as=stored_as,
                size=size,
                duration_ms=decoded.duration_ms,
                peaks=decoded.peaks,
                added_by=user,
                added_at=clock.now(),
            )
            after = {"name": clip.name, "seconds": round(clip.seconds, 1), "form": clip.form}
            trail.record(team_id=team.pk, actor=actor, action="add_clip", target=clip, after=after)
    except files.TooLarge:
        raise Invalid(_("The file is larger than %(most)d MB.") % {"most": LARGEST // 2**20}, field="file") from None
    except BaseException:
        files.forget(stored_as)
        raise
    return clip


def remove_clip(*, clip: Clip, actor: Actor) -> None:
    """Nobody can choose it any more. Its files stay until nothing can still play them (see `clip_files`)."""
    if Clip.objects.filter(pk=clip.pk, removed_at=None).update(removed_at=clock.now()):
        trail.record(team_id=clip.team_id, actor=actor, action="remove_clip", target=clip, before={"name": clip.name})


def _decode(stored_as: str) -> _Decoded:
    source, target = files.original(stored_as), files.sound(stored_as)
    files.write(target, (), 0)
    command = [sys.executable, "-m", "dashboard.library.decode", str(source), str(target), str(LONGEST_S)]
    try:
        done = subprocess.run(  # noqa: S603  our own program; the file's name is one of ours
            command, cwd=settings.BASE_DIR, capture_output=True, timeout=_DECODES_WITHIN_S, check=False
        )
        code = done.returncode
    except subprocess.TimeoutExpired:
        code = NOT_DECODABLE
    if code == TOO_LONG:
        raise Invalid(_("A clip may last %(most)d minutes at most.") % {"most": LONGEST_S // 60}, field="file")
    if code != 0:
        raise Invalid(_("This file is no audio that can be read here. MP3, WAV, FLAC and OGG can."), field="file")
    found = json.loads(done.stdout)
    if found["duration_ms"] < SHORTEST_MS:
        raise Invalid(_("There is no sound in this file."), field="file")
    return _Decoded(str(found["format"]), int(found["duration_ms"]), list(found["peaks"]))
