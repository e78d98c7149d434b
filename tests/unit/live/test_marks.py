"""Whether a region has news, or only what pages tell with a second of their own."""

from __future__ import annotations

from dashboard.live.hub.marks import can_wait, mark_of

TILE = (
    '<li class="tile" id="tile-7" data-seq="58" data-order="4">\n<p class="hear-words">“你好”</p>\n'
    '<p class="tile-stats" id="stats-7" data-seq="58" data-each-second>\n<b>12</b> comments</p>\n'
    '<span class="age"><time datetime="10:00:01" data-at="10:00:01" title="10:00:01">10:00:01</time></span>\n</li>'
)


def changed(*pairs: tuple[str, str]) -> str:
    html = TILE
    for old, new in pairs:
        assert old in html
        html = html.replace(old, new)
    return html


def test_the_number_alone_is_no_difference() -> None:
    assert mark_of(changed(('data-seq="58"', 'data-seq="59"'))) == mark_of(TILE)


def test_numbers_of_the_audience_and_ages_are_a_difference_that_can_wait() -> None:
    for later in (changed(("<b>12</b>", "<b>13</b>")), changed(("10:00:01", "10:00:04"))):
        assert mark_of(later) != mark_of(TILE)
        assert can_wait(mark_of(later), mark_of(TILE))


def test_words_and_attributes_around_them_can_not() -> None:
    for later in (
        changed(("你好", "再见")),
        changed(('data-order="4"', 'data-order="3"')),
        changed(("comments</p>", "comments</p>!")),
    ):
        assert not can_wait(mark_of(later), mark_of(TILE))


def test_what_was_never_sent_can_not_wait_unless_it_is_told_each_second() -> None:
    assert not can_wait(mark_of(TILE), None)
    stats = '<p class="tile-stats" id="stats-7" data-seq="58" data-each-second><b>12</b></p>'
    assert can_wait(mark_of(stats), None)
    assert can_wait(mark_of(stats.replace("12", "13")), mark_of(stats))
