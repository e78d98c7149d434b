"""Marked-up words as SoftSugar takes them: as text.

Its channel has a switch `ssml` (004:237) whose tags stand on a page that is not ours ("see USSML"), so none is sent on
a guess: the words go, the tags stay, and the item says which.
"""

from __future__ import annotations

from dashboard.lib import ssml
from dashboard.vendors.port import Rejected, Say
from dashboard.vendors.softsugar import errors


def words_of(say: Say) -> tuple[str, tuple[str, ...]] | Rejected:
    """Those that go into `tts_query.content`, and the tags that were taken out."""
    if not say.ssml:
        return say.text, ()
    reading = ssml.read(say.text)
    if reading.document is None:  # never, where the page's check came first
        return Rejected(errors.ours("contract", str(reading.faults[0])))
    # An alias is no loss: it is written out.
    removed = (tag for tag in ssml.tags_of(reading.document) if tag is not ssml.Tag.SUB)
    return ssml.plain(reading.document).strip(), tuple(map(str, removed))
