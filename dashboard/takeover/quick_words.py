"""The words of a quick reply in one room, with the product on air filled in."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dashboard.library.models import QuickReply
from dashboard.library.phrases import fill, price_said
from dashboard.rooms.models import Room


def filled(reply: QuickReply, room: Room) -> tuple[str, list[str]]:
    """Its text for this room, and the variables that have no value there."""
    values = {"room": room.name}
    if (product := room.product) is not None:
        values |= {
            "product": product.name,
            "price": price_said(product.price, product.currency),
            "currency": product.currency,
            "facts": product.facts,
        }
    return fill(reply.text, values)


def no_value(missing: list[str]) -> str:
    names = ", ".join(f"{{{name}}}" for name in missing)
    return _("%(names)s has no value in this room: choose the product on air. Nothing was sent; the text is below.") % {
        "names": names
    }
