"""The form of a letter's wording."""

from django import forms

from .base import DeskForm
from .work import LongText


class WordingForm(DeskForm):
    text = LongText(
        label="Text of the letter",
        help_text="Write {our reference} where a value stands, and [if missing] … [end] around what stands only where there is one.",
        widget=forms.Textarea({"rows": 26, "spellcheck": "true"}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
