"""`{% icon "i-search" %}`: a symbol of static/icons.svg; there are sixty on a desk, too many for a template each."""

from __future__ import annotations

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """`i-…` are outlines, `g-…` the glyphs of states; each kind has its own look in the style sheet."""
    return _drawn(name)


@cache
def _drawn(name: str) -> SafeString:
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', name[:1], static("icons.svg"), name
    )
