"""Looking for an instrument, and switching one off."""

from django import forms

from ..models import InstrumentStanding
from .base import DeskForm


class SearchCatalogueForm(DeskForm):
    q = forms.CharField(
        label="Words, a code or a law",
        max_length=100,
        required=False,
        help_text="For example: production order, or IPA-82.",
    )


class SwitchOffForm(DeskForm):
    reason = forms.ChoiceField(
        label="Why it is switched off",
        choices=[
            ("", "Choose why"),
            *((code, words[0].upper() + words[1:]) for code, words in InstrumentStanding.OffReason.choices),
        ],
    )
