"""The form for an audit pack."""

from django import forms

from ..services.audit_packs import LARGEST_SAMPLE, Wish
from .base import DeskForm
from .fields import DayMonthYearField

SOURCE_HELP = "For example: post book 2026, pages 3 to 41. Nothing personal."


def _count(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text="Leave it empty if nobody counted.",
        error_messages={"invalid": f"{label} must be a whole number."},
    )


def _source(label: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=120, help_text=SOURCE_HELP)


class PackForm(DeskForm):
    first_day = DayMonthYearField(label="First day")
    last_day = DayMonthYearField(label="Last day")
    sample_size = forms.IntegerField(
        label="Requests in the sample",
        min_value=1,
        max_value=LARGEST_SAMPLE,
        initial=25,
        error_messages={"invalid": "The sample must be a whole number."},
    )
    seed = forms.CharField(
        label="Seed of the sample",
        required=False,
        max_length=40,
        help_text="Any word of your own, so that nobody here could choose the sample. Empty: one is drawn.",
    )
    post_count = _count("Requests in the post book")
    post_source = _source("Where the post book's count comes from")
    mail_count = _count("Requests in the mailbox")
    mail_source = _source("Where the mailbox's count comes from")

    def wish(self) -> Wish:
        return Wish(**self.cleaned_data)
