"""A rewrite of a running script as it is asked for: what may be asked, and what it comes to now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.jobs.models import Job, JobChange
from dashboard.jobs.rewriting import Line, Locked, Proposal, propose
from dashboard.jobs.states import ChangeKind, ChangeState
from dashboard.lib.errors import Conflict, Invalid
from dashboard.takeover.checks import LONGEST
from dashboard.takeover.locks import locked
from dashboard.vendors.models import VendorKind

MOST_LINES = 500


class MovedOn(Conflict):
    """The script went on, or was changed, since somebody looked: `proposal` is what it comes to now."""

    def __init__(self, proposal: Proposal, locked: Locked) -> None:
        super().__init__(_("The script moved on while you looked. This is what it comes to now; nothing was changed."))
        self.proposal, self.locked = proposal, locked


@dataclass(frozen=True, slots=True)
class Edit:
    """The whole script as it was edited, which version of it that was, and whether the room shall keep it, too."""

    lines: tuple[Line, ...]
    version: int
    saves_room: bool = False


def lines_of(job: Job) -> tuple[Line, ...]:
    return tuple(Line(item.pk, item.scene_no, item.title, item.text) for item in job.script.all())


def proposal_of(job: Job, edit: Edit) -> tuple[Proposal, Locked]:
    """What `edit` comes to now; raises where it can't be put on air at all."""
    _check(job, edit)
    held = locked(job)
    proposal = propose(lines_of(job), edit.lines, held)
    _check_lines(job, proposal.lines)
    return proposal, held


def confirmed(job: Job, edit: Edit, seen: str) -> tuple[Proposal, Locked]:
    """The proposal whose digest somebody saw; another one is shown first."""
    proposal, held = proposal_of(job, edit)
    if proposal.digest != seen:
        raise MovedOn(proposal, held)
    if not proposal.changes:
        raise Invalid(_("Viewers would hear the same as before. Nothing was sent."))
    return proposal, held


def _check(job: Job, edit: Edit) -> None:
    if not job.can_speak:
        raise Conflict(
            _("%(code)s is not on air (%(state)s), so nothing was changed. Your words are kept.")
            % {"code": job.room.code, "state": job.get_state_display()}
        )
    _check_count(edit.lines)  # before they are compared: that takes long with many
    if job.script_version != edit.version:
        raise Conflict(
            _("Somebody changed the running script while you edited. Yours is kept here; copy it and load the page.")
        )
    if JobChange.objects.filter(job=job, kind=ChangeKind.SCRIPT, state=ChangeState.ASKED).exists():
        raise Conflict(_("A change of this script is on its way to the vendor. Wait for its answer, then look again."))


def _check_count(lines: Sequence[Line]) -> None:
    if len(lines) > MOST_LINES:
        raise Invalid(
            _("At most %(most)d paragraphs; these are %(count)d.") % {"most": MOST_LINES, "count": len(lines)}
        )


def _check_lines(job: Job, lines: Sequence[Line]) -> None:
    kind = VendorKind(job.account.vendor)
    if not lines:
        raise Invalid(_("A script needs at least one paragraph. To end the words, pause the script."))
    _check_count(lines)
    for no, line in enumerate(lines, start=1):
        if len(line.text) > LONGEST[kind]:
            raise Invalid(
                _("Paragraph %(number)d has %(count)d characters; %(vendor)s takes %(most)d at once.")
                % {"number": no, "count": len(line.text), "vendor": kind.label, "most": LONGEST[kind]}
            )
