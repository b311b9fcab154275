"""The form of one step: its reason, if it asks for one, and what makes it happen once."""

from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict

from ..guards import reason_is_given
from ..guards.deciding import advice_against_it_is_answered
from ..services import ActionRefused
from .base import DeskForm
from .work import LongText

LONGEST_REASON = 5_000


class StepForm(DeskForm):
    """`seen` is the proposal this page showed: an approval signs that one and no other."""

    reason = LongText(label="The reason", required=False, max_length=LONGEST_REASON)
    key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": "Please send this step again.",
            "invalid": "Please send this step again.",
        },
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(
        self, data: QueryDict | None, *, slug: str, label: str = "", seen: str = "", **kwargs: Any
    ) -> None:
        super().__init__(data, auto_id=f"{slug}-%s", initial={"key": uuid4(), "seen": seen}, **kwargs)
        self.slug = slug
        self.fields["reason"].label = label or "The reason"

    def take_up(self, refused: ActionRefused) -> None:
        """Puts every objection to the form, those about the reason to its field."""
        about_it = {reason_is_given.__name__, advice_against_it_is_answered.__name__}
        for objection in refused.objections:
            field = "reason" if objection.guard in about_it else None
            self.add_error(field, objection.sentence)
