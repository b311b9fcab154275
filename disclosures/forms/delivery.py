"""The form that notes what became of a letter or a message."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from ..models import Delivery
from ..selectors.delivered import Sent
from .base import DeskForm
from .fields import MomentField
from .work import LongText


class DeliveryForm(DeskForm):
    what = forms.ChoiceField(
        label="Which letter or message",
        error_messages={"required": "Choose a letter or a message that we sent."},
    )
    stage = forms.ChoiceField(
        label="What became of it",
        choices=[(stage, Delivery.Stage(stage).label) for stage in Delivery.BY_HAND],
        widget=forms.RadioSelect,
    )
    at = MomentField(label="When", help_text="London time.")
    reason = LongText(
        label="How you know",
        help_text="The recipient's receipt, the words of the bounce, the stamp on the envelope; or how it was sent again.",
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, data: QueryDict | None, *, things: Sequence[Sent], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.things = {thing.key: thing for thing in things}
        self.fields["what"].choices = [(thing.key, thing.words) for thing in things]  # type: ignore[attr-defined]

    @property
    def given(self) -> dict[str, Any]:
        thing = self.things[self.cleaned_data["what"]]
        rest = {name: self.cleaned_data[name] for name in ("stage", "at", "reason")}
        return {"letter_id": thing.letter_id, "message_id": thing.message_id, **rest}
