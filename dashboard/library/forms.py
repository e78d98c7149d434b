"""What is asked of somebody who adds to the library."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

_INPUT = {"class": "input"}


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
