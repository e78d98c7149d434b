"""What is refused before anything is written, with the sentence that says why and what became of the words."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from dashboard.accounts.danger import Deed, asked_twice
from dashboard.accounts.models import Role, Team, User
from dashboard.jobs.models import Job
from dashboard.jobs.selectors import open_job
from dashboard.lib.errors import Conflict, Forbidden, Invalid
from dashboard.rooms.models import Room
from dashboard.takeover.lint import Finding, Level, findings
from dashboard.takeover.models import SecondPerson, Takeover
from dashboard.takeover.states import NEVER_HEARD, TakeoverState
from dashboard.vendors.models import VendorKind

#: MetaStudio prints 131,072 (002:14027). SoftSugar prints only a minimum (004:237); this one is ours.
LONGEST = {VendorKind.METASTUDIO: 131_072, VendorKind.SOFTSUGAR: 5_000}
SHORTEST = {VendorKind.METASTUDIO: 1, VendorKind.SOFTSUGAR: 10}


def running_job(team: Team, code: str) -> Job:
    """The job that runs in the team's room `code`; without such a room there is no such page."""
    room = get_object_or_404(Room, team=team, code=code)
    job = open_job(room)
    if job is None:
        raise Conflict(
            _("%(code)s is not on air, so nothing was sent. Your words are kept.") % {"code": room.code}, field="text"
        )
    return job


def check_can_speak(job: Job) -> None:
    if job.can_speak:
        return
    raise Conflict(
        _("%(code)s is not on air (%(state)s), so nothing was sent. Your words are kept.")
        % {"code": job.room.code, "state": job.get_state_display()},
        field="text",
    )


def check_ends_silence(job: Job, *, is_meant: bool) -> None:
    """Words of a person end the silence at both vendors, so they are not said by one press: raises `Unconfirmed`."""
    if job.silenced_at is not None and not is_meant:
        why = _(
            "%(code)s is silent. Nothing was sent yet. Press once more to end the silence: the script goes on, too."
        )
        raise asked_twice(Deed.END_SILENCE, why % {"code": job.room.code})


def check_text(text: str, vendor: str) -> str:
    """The text as it will be sent; raises `Invalid` naming the limit it breaks."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Invalid(_("Write what the host should say."), field="text")
    check_length(text, vendor)
    return text


def check_length(text: str, vendor: str) -> None:
    """Whether the vendor takes so many characters, the tags of its own dialect included."""
    kind = VendorKind(vendor)
    if len(text) < SHORTEST[kind]:
        raise Invalid(
            _("%(vendor)s takes sentences of %(least)d characters or more; this one has %(count)d. Nothing was sent.")
            % {"vendor": kind.label, "least": SHORTEST[kind], "count": len(text)},
            field="text",
        )
    if len(text) > LONGEST[kind]:
        raise Invalid(
            _("At most %(most)d characters at once; this one has %(count)d. Nothing was sent.")
            % {"most": LONGEST[kind], "count": len(text)},
            field="text",
        )


def check_words(room: Room, text: str) -> list[Finding]:
    """What the library's rules only mark; raises `Invalid` for what they refuse, with the word and its place."""
    found = findings(room, text)
    refused = next((one for one in found if one.level == Level.REFUSE), None)
    if refused is not None:
        raise Invalid(refused.text, field="text", code=refused.rule)
    return found


def sent_before(job: Job, key: str, digest: str) -> Takeover | None:
    """The item that the same press made already. The same key with other words is no repeat: it is refused."""
    if not key:
        return None
    existing = next(
        iter(Takeover.objects.filter(team_id=job.team_id, key=key).select_related("room", "job__account")), None
    )
    if existing is not None and (existing.content_hash != digest or existing.room_id != job.room_id):
        raise Conflict(
            _("These words were sent already, with another text. Yours is kept; send it once more as new."),
            code="key",
        )
    return existing


def check_version(item: Takeover, version: int | None) -> None:
    """A page that shows an older item than there is may not decide about it: its reader saw something else."""
    if version is not None and version != item.version:
        raise Conflict(
            _("This item changed meanwhile. It is %(state)s now, so nothing was done. Look at it again, then choose.")
            % {"state": str(item.get_state_display()).lower()}
        )


def check_undecided(item: Takeover, version: int | None) -> None:
    """For a cancel: the vendor may have moved the item, which is why it is pressed now; another person may not.

    Its own end, what a person said of it, and its words sent again are such decisions; a cancel is the same wish.
    """
    if not item.is_open or Takeover.objects.filter(again_of=item).exists():
        check_version(item, version)


def check_can_cancel_at_vendor(item: Takeover) -> None:
    if item.job.account.vendor != VendorKind.SOFTSUGAR:
        raise Conflict(
            _("MetaStudio holds this sentence already and can't give it back. Silence cuts it when it is heard.")
        )


def check_can_undo(item: Takeover) -> None:
    if item.state != TakeoverState.HELD:
        raise Conflict(
            _("Too late to undo: it is %(state)s now. Cancel it instead, if it must not be heard.")
            % {"state": str(item.get_state_display()).lower()}
        )


def check_can_send_now(item: Takeover, user: User) -> None:
    """To everybody but its author the window is a chance to take it back, not to hurry it on."""
    if item.state != TakeoverState.HELD:
        raise Conflict(_("It is not held any more, so there is nothing to send sooner."))
    if item.author_id != user.pk:
        raise Conflict(
            _("Only %(author)s can send it sooner. It leaves by itself when its undo window ends.")
            % {"author": item.author_label}
        )


def check_may_approve(item: Takeover, user: User, role: str) -> None:
    """Never its author, and nobody whom the room's policy does not trust with it."""
    if item.state != TakeoverState.AWAITING_APPROVAL:
        raise Conflict(
            _("It needs no approval any more: it is %(state)s now. Nothing was done.")
            % {"state": str(item.get_state_display()).lower()}
        )
    if item.author_id == user.pk:
        raise Forbidden(_("It takes a second person: who said it can't approve it."), code="author")
    policy = SecondPerson.objects.filter(room_id=item.room_id).first()
    if policy is not None and not Role(role).covers(policy.approver):
        least = policy.get_approver_display()
        raise Forbidden(_("Here only the role %(role)s or a higher one may approve.") % {"role": least}, code="role")


def check_can_send_again(item: Takeover) -> None:
    """Once only: an item that was said again in vain may be."""
    if not item.can_be_repeated:
        raise Conflict(_("%(item)s can't be sent again: its words are not kept here.") % {"item": item})
    sent = Takeover.objects.filter(again_of=item)
    if item.state != TakeoverState.UNKNOWN or sent.exclude(state__in=NEVER_HEARD).exists():
        raise Conflict(_("Only an item of unknown outcome can be sent again."))
