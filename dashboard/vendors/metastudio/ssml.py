"""Marked-up words as MetaStudio takes them (002:14027, 002:14140-14303): the whole dialect, but for what a voice lacks.

"The SSML tag capabilities supported by each timbre are different" (002:14157). A tag that the voice does not know is
taken out and told of; on air it is never an error.
"""

from __future__ import annotations

from dashboard.lib import ssml
from dashboard.vendors.metastudio import errors
from dashboard.vendors.port import Rejected, Say


def words_of(say: Say) -> tuple[str, tuple[str, ...]] | Rejected:
    """Those that go into `text_config.text`, and the tags that were taken out."""
    if not say.ssml:
        return say.text, ()
    reading = ssml.read(say.text)
    if reading.document is None:  # never, where the page's check came first
        return Rejected(errors.ours("contract", str(reading.faults[0])))
    lacking = [tag for tag in ssml.tags_of(reading.document) if tag in say.lacks]
    less = ssml.without(reading.document, lacking)
    # Without any tag left it is text: a root around it could only be misread.
    text = ssml.write(less) if ssml.tags_of(less) else ssml.plain(less)
    # An alias is no loss: it is written out.
    return text, tuple(str(tag) for tag in lacking if tag is not ssml.Tag.SUB)
