"""The forms of a letter: why it refuses, what it says, how it left."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict

from ..catalogue import Refusal
from ..models.request import ReturnChannel
from .base import DeskForm
from .work import LongText


class RefusalForm(DeskForm):
    """Asked before review, where the answer can only be a refusal."""

    refusal = forms.ChoiceField(
        label="Reason for refusing",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the reason for refusing.",
            "invalid_choice": "Choose one of the reasons below.",
        },
    )

    def __init__(self, data: QueryDict | None, *, refusals: Sequence[Refusal], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["refusal"].choices = [(row.code, f"{row.code}: {row.words}") for row in refusals]  # type: ignore[attr-defined]


class LetterForm(DeskForm):
    recipient = LongText(
        label="To",
        help_text="Name and address, as they stand at the head of the letter.",
        widget=forms.Textarea({"rows": 5}),
    )
    body = LongText(
        label="Letter",
        help_text="Read it once as the officer will.",
        widget=forms.Textarea({"rows": 24}),
    )
    refusal_code = forms.CharField(label="Reason for refusing", widget=forms.HiddenInput, required=False)

    def __init__(self, data: QueryDict | None, *, codes: Sequence[str], **kwargs: Any) -> None:
        """`codes`: the reasons one of which this letter must carry; none for a letter that carries none."""
        super().__init__(data, **kwargs)
        self.codes = codes

    def clean_refusal_code(self) -> str:
        code = str(self.cleaned_data["refusal_code"])
        if self.codes and code not in self.codes:
            raise forms.ValidationError("Choose the reason for refusing first.")
        return code if self.codes else ""


class MailForm(DeskForm):
    address = forms.CharField(
        label="To which mailbox",
        help_text="A mailbox of the body that is in the register, or the same with .cjsm.net.",
        max_length=254,
        error_messages={"required": "Say to which mailbox it goes."},
    )


class SentForm(DeskForm):
    channel = forms.ChoiceField(label="How it was sent", choices=[("", "Choose one"), *ReturnChannel.choices])
    sent_to = LongText(
        label="To which address",
        help_text="The mailbox, the postal address, or the officer who collected it.",
        widget=forms.Textarea({"rows": 2}),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, initial=lambda: uuid4().hex)
