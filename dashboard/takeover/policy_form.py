"""The form of a room's second person: what takes one, who it may be, and how long there is."""

from __future__ import annotations

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashboard.accounts.models import Role
from dashboard.lib.ranges import range_errors
from dashboard.takeover.models import APPROVE_WITHIN_S, LONGEST_APPROVAL_S, SHORTEST_APPROVAL_S, Kind
from dashboard.takeover.states import Mode

MOST_WORDS, LONGEST_WORD = 200, 60
#: A microphone is heard as it is spoken, so there is nothing that somebody could read first.
_KINDS = [(kind.value, kind.label) for kind in Kind if kind != Kind.VOICE]
_SPEAKERS = [(role.value, role.label) for role in (Role.OPERATOR, Role.PRODUCER, Role.ADMIN)]


class SecondPersonForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    modes = forms.MultipleChoiceField(
        label=_("When it goes out"), choices=Mode.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    kinds = forms.MultipleChoiceField(
        label=_("What it is"),
        choices=_KINDS,
        required=False,
        help_text=_("Not the microphone: nobody can read beforehand what is spoken. Its floor guards it."),
        widget=forms.CheckboxSelectMultiple,
    )
    roles = forms.MultipleChoiceField(
        label=_("Who says it"), choices=_SPEAKERS, required=False, widget=forms.CheckboxSelectMultiple
    )
    words = forms.CharField(
        label=_("Words in it"),
        required=False,
        help_text=_("One in each line. Found as they are written, whatever the case, also with spaces put between."),
        widget=forms.Textarea(attrs={"class": "input", "rows": 5}),
    )
    approver = forms.ChoiceField(
        label=_("Who may approve"),
        choices=_SPEAKERS,
        initial=Role.OPERATOR,
        help_text=_("This role or a higher one; never the person who said it."),
        widget=forms.Select(attrs={"class": "input"}),
    )
    within_s = forms.IntegerField(
        label=_("Seconds to approve it"),
        initial=APPROVE_WITHIN_S,
        help_text=_("After that it is returned to its author. Nothing is heard."),
        error_messages=range_errors(SHORTEST_APPROVAL_S, LONGEST_APPROVAL_S),
        validators=[MinValueValidator(SHORTEST_APPROVAL_S), MaxValueValidator(LONGEST_APPROVAL_S)],
        widget=forms.NumberInput(attrs={"class": "input", "min": SHORTEST_APPROVAL_S, "max": LONGEST_APPROVAL_S}),
    )

    def clean_words(self) -> list[str]:
        words = list(dict.fromkeys(line.strip() for line in self.cleaned_data["words"].splitlines() if line.strip()))
        if len(words) > MOST_WORDS:
            raise forms.ValidationError(gettext("At most %(most)d words.") % {"most": MOST_WORDS})
        if any(len(word) > LONGEST_WORD for word in words):
            raise forms.ValidationError(gettext("At most %(most)d characters in a line.") % {"most": LONGEST_WORD})
        return words
