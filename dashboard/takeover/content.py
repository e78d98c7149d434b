"""What a takeover is made of, by kind: what is refused before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext as _

from dashboard.jobs.models import Job
from dashboard.lib import ssml
from dashboard.lib.errors import Invalid
from dashboard.takeover import airtime, checks, clips, lint
from dashboard.takeover.models import Kind
from dashboard.takeover.offered import check_offered
from dashboard.takeover.wish import Wish

#: The whole sentence goes to the person, so not more faults than one reads.
_FAULTS_TOLD = 3


def checked(wish: Wish, job: Job) -> Wish:
    """The wish as it will be sent; raises `Invalid` or `Conflict` with the sentence that says why not."""
    check = _CHECKS.get(wish.kind)
    if check is None:
        return wish
    check_offered(wish, job)
    wish = check(wish, job)
    return replace(wish, found=tuple(lint.kept(checks.check_words(job.room, heard(wish)))))


def heard(wish: Wish) -> str:
    """The words of it that viewers hear: tags are not said."""
    document = ssml.read(wish.text).document if wish.kind == Kind.SSML else None
    return wish.text if document is None else ssml.plain(document)


def _text(wish: Wish, job: Job) -> Wish:
    return replace(wish, text=checks.check_text(wish.text, job.account.vendor))


def _marked_up(wish: Wish, job: Job) -> Wish:
    """Positions are those of the text as it was written, so it is read before anything is cut off its ends."""
    text = wish.text.replace("\r\n", "\n")
    if not text.strip():
        raise Invalid(_("Write what the host should say."), field="text")
    reading = ssml.read(text)
    if reading.document is None:
        told = " ".join(str(fault) for fault in reading.faults[:_FAULTS_TOLD])
        raise Invalid(_("Not sent. %(faults)s") % {"faults": told}, field="text")
    checks.check_length(airtime.counted(text, reading.document, job.account.vendor), job.account.vendor)
    return replace(wish, text=text.strip())


def _scene(wish: Wish, job: Job) -> Wish:
    """Alone it says nothing, so no length of words counts."""
    return _text(wish, job) if wish.params.get("speaks") else wish


_CHECKS: dict[Kind, Callable[[Wish, Job], Wish]] = {
    Kind.TEXT: _text,
    Kind.SSML: _marked_up,
    Kind.AUDIO: clips.checked,
    Kind.SCENE: _scene,
}
