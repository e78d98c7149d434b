"""The small picture of a clip's sound."""

from __future__ import annotations

from collections.abc import Sequence


def waveform(peaks: Sequence[int]) -> str:
    """The `d` of an SVG path in a box of `len(peaks)` by 100, mirrored at the middle; silence is a thin line."""
    heights = [max(1, min(50, peak // 2)) for peak in peaks]
    return "".join(f"M{at}.5 {50 - height}v{2 * height}" for at, height in enumerate(heights))
