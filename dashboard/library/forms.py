"""What is asked of somebody who adds to the library. What was typed stays; each refusal stands beside its field."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import Team
from dashboard.lib.languages import Language
from dashboard.library.lint import folded
from dashboard.library.models import BannedWord, Product, QuickReply
from dashboard.library.phrases import VARIABLES, unknown_in
from dashboard.library.selectors import free_place

_INPUT = {"class": "input"}
CURRENCIES = [("CNY", "CNY ¥"), ("USD", "USD $"), ("EUR", "EUR €")]


class _OfTeam(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A row of one team, whose names are taken once."""

    unique = ""
    taken = _("There is one like this already.")

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.team = team
        for field in self.fields.values():
            field.widget.attrs |= _INPUT

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        value = data.get(self.unique)
        if self.unique and value:
            rows = type(self.instance)._default_manager.filter(team=self.instance.team, **{self.unique: value})
            if rows.exclude(pk=self.instance.pk).exists():
                self.add_error(self.unique, str(self.taken))
        return data


class ProductForm(_OfTeam):
    unique = "name"

    class Meta:
        model = Product
        fields = ("name", "price", "currency", "facts")
        widgets = {
            "currency": forms.Select(choices=CURRENCIES),
            "facts": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "price": _("What viewers pay. Words that name another price are marked before they are sent."),
            "facts": _("One line for each: size, colours, delivery."),
        }

    def clean_price(self) -> Any:
        price = self.cleaned_data["price"]
        if price is not None and price < 0:
            raise forms.ValidationError(gettext("A price is 0 or more."))
        return price


class QuickReplyForm(_OfTeam):
    class Meta:
        model = QuickReply
        fields = ("title", "text", "room", "language", "place")
        widgets = {
            "text": forms.Textarea(attrs={"rows": 3}),
            "language": forms.Select(choices=[("", _("every language")), *Language.choices]),
        }
        help_texts = {
            "title": _("On the button, so keep it short."),
            "text": _("{product}, {price}, {currency}, {facts} and {room} are filled in at the press."),
            "room": _("Empty: all rooms."),
            "place": _(
                "The first nine of a room are on its keys 1 to 9. Beside another of the same place, it comes second."
            ),
        }

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, team=team, **kwargs)
        rooms = cast("forms.ModelChoiceField[Any]", self.fields["room"])
        rooms.queryset = cast("QuerySet[Any]", rooms.queryset).filter(team=team, archived_at=None).order_by("code")
        rooms.empty_label = gettext("all rooms")
        if self.instance.pk is None:
            self.initial["place"] = free_place(team.pk)

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        if unknown := unknown_in(text):
            known = ", ".join(f"{{{name}}}" for name in VARIABLES)
            raise forms.ValidationError(
                gettext("{%(name)s} means nothing here. These can be filled in: %(known)s")
                % {"name": unknown[0], "known": known}
            )
        return text


class BannedWordForm(_OfTeam):
    unique = "word"

    class Meta:
        model = BannedWord
        fields = ("word", "why")
        help_texts = {
            "word": _("Found in full or half width, with or without capitals, and with blanks in between."),
            "why": _("Shown to who wrote it."),
        }

    def clean_word(self) -> str:
        word = str(self.cleaned_data["word"]).strip()
        if not folded(word)[0]:
            raise forms.ValidationError(gettext("Nothing of this is heard."))
        return word


class ClipForm(forms.Form):
    file = forms.FileField(
        label=_("Audio file"),
        max_length=1000,
        allow_empty_file=True,  # the decoder's own sentence says more
        help_text=_("MP3, WAV, FLAC or OGG, up to 20 MB and 10 minutes."),
        error_messages={"required": _("Choose an audio file.")},
        widget=forms.FileInput(attrs={"accept": "audio/*,.mp3,.wav,.flac,.ogg"}),
    )
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs=_INPUT))
    transcript = forms.CharField(
        label=_("What is heard"),
        required=False,
        max_length=4000,
        help_text=_("In words: for the queue, for search, and for those who can't listen."),
        widget=forms.Textarea(attrs={**_INPUT, "rows": 3}),
    )
