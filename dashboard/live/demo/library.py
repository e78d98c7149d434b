"""What the demo team keeps ready: phrases, products, banned words and a clip, and which product each room sells."""

from __future__ import annotations

from decimal import Decimal

from dashboard.accounts.models import Team, User
from dashboard.audit.trail import CONSOLE
from dashboard.library.models import BannedWord, Product, QuickReply
from dashboard.library.services.clips import ClipDraft, add_clip
from dashboard.library.services.entries import save_entry
from dashboard.live.demo import chime, content
from dashboard.rooms.models import Room
from dashboard.rooms.services.on_sale import put_on_air


def fill_library(team: Team) -> None:
    for place, (title, text) in enumerate(content.PHRASES, start=1):
        save_entry(entry=QuickReply(team=team, title=title, text=text, place=place), actor=CONSOLE)
    for word, why in content.BANNED_WORDS:
        save_entry(entry=BannedWord(team=team, word=word, why=why), actor=CONSOLE)
    for drawn in content.PRODUCTS:
        product = Product(team=team, name=drawn.name, price=Decimal(drawn.price), facts=drawn.facts)
        save_entry(entry=product, actor=CONSOLE)
        for room in Room.objects.filter(team=team, code__in=drawn.on_air_in):
            put_on_air(room=room, product=product, user=None, actor=CONSOLE)


def add_chime(team: Team) -> None:
    """By the one who runs the team: clips have somebody who added them."""
    draft = ClipDraft(
        name=content.CLIP_NAME, transcript=content.CLIP_TRANSCRIPT, file_name="chime.wav", parts=[chime.wav()]
    )
    add_clip(team=team, draft=draft, user=User.objects.get(email=content.PEOPLE[0][0]), actor=CONSOLE)
