"""What ended last stays on the desk for a while, whenever it was asked for: nobody wonders where it went."""

from __future__ import annotations

import pytest

from dashboard.events.kinds import Kind
from dashboard.takeover.models import Takeover
from dashboard.takeover.speaking import ASKED_LAST, RECENT, speaking_with_ends
from dashboard.takeover.states import Mode
from tests import cast as make
from tests.cast import Cast

pytestmark = pytest.mark.django_db

SAID = (Kind.ITEM_ACCEPTED, Kind.ITEM_STARTED, Kind.ITEM_FINISHED)


def ended(of: Takeover) -> list[int]:
    return [item.pk for item in speaking_with_ends(of.job_id).queue if not item.is_open]


def test_a_sentence_that_others_overtook_stays_when_it_ends_last(cast: Cast) -> None:
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    overtaken = make.takeover(job, cast.oki)
    inserted = [make.takeover(job, cast.oki, mode=Mode.INSERT) for _ in range(RECENT)]
    for item in (*inserted, overtaken):
        make.happened(item, *SAID)
    assert ended(overtaken) == [*(item.pk for item in inserted[1:]), overtaken.pk]


def test_what_was_asked_for_long_ago_is_not_looked_for(cast: Cast) -> None:
    """The desk reads a bounded number of rows, however long the show."""
    job = make.on_air(make.room(make.account(cast.alpha)), cast.oki)
    oldest = make.takeover(job, cast.oki)
    later = [make.takeover(job, cast.oki) for _ in range(ASKED_LAST)]
    for item in (*later, oldest):
        make.happened(item, *SAID)
    assert ended(oldest) == [item.pk for item in later[-RECENT:]]
