"""The short forms of an emergency: what is asked by telephone, whom to ring, what is read out; and the list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import Organisation, User

from ..catalogue import INSTRUMENTS, ITEM_TYPES, RANKS
from ..models import CallAttempt, Subject
from ..models.request import Channel, ReturnChannel, Urgency
from ..services.emergency import READ_BEFORE, READ_LATER, is_before
from ..services.intake import InstrumentInput, Intake, ItemInput, OfficerInput, SubjectInput
from ..states import Action
from .base import DeskForm
from .fields import MomentField
from .texts import CopiedForm, Line, Paragraphs
from .work import LongText, YesNo

BY_TELEPHONE = ("P-VITAL", "P-999")


class EmergencyForm(CopiedForm):
    """As little as can be asked at two in the morning; the written form brings the rest."""

    body = forms.ChoiceField(
        label="Force or service", error_messages={"required": "Choose the force or service that asks."}
    )
    requester_name = Line(label="Officer’s name", required=True)
    requester_rank = forms.ChoiceField(
        label="Rank",
        choices=[("", "Not given"), *((rank.code, rank.name) for rank in RANKS.values())],
        required=False,
    )
    requester_number = Line(label="Collar or staff number")
    crime_reference = Line(label="Their reference")
    instrument = forms.ChoiceField(
        label="What it is",
        widget=forms.RadioSelect,
        choices=[(code, INSTRUMENTS[code].name) for code in BY_TELEPHONE],
        initial=BY_TELEPHONE[0],
    )
    urgency_reason = Paragraphs(
        label="What threatens whom", rows=2, required=True, help_text="In the officer’s words."
    )
    name = Line(label="Name of the person")
    phone = Line(label="Their telephone number")
    account_number = Line(label="Their account number")
    address = Line(label="Their address")
    items = forms.MultipleChoiceField(
        label="What is needed now",
        widget=forms.CheckboxSelectMultiple,
        choices=[(item.code, item.name) for item in ITEM_TYPES.values()],
        help_text="Only what helps to find or protect the person.",
        error_messages={"required": "Choose what is needed now."},
    )
    child_or_vulnerable = YesNo(label="Is a child or vulnerable adult involved?")

    def __init__(self, data: QueryDict | None, *, bodies: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.bodies = {body.ref: body for body in bodies}
        choices = [("", "Choose one"), *((body.ref, body.name) for body in bodies)]
        self.fields["body"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if not any(given.get(name) for name in ("name", "phone", "account_number", "address")):
            self.add_error(
                "name",
                "Give at least one thing by which the person can be found: a name, a number or an address.",
            )
        return given

    def intake(self, now: datetime) -> Intake:
        given = self.cleaned_data
        person = {name: given[name] for name in ("name", "phone", "account_number", "address")}
        return Intake(
            channel=Channel.TELEPHONE,
            received_at=now,
            nation=_nation(self.bodies[given["body"]]),
            urgency=Urgency.IMMEDIATE,
            urgency_reason=given["urgency_reason"],
            body_id=self.bodies[given["body"]].pk,
            crime_reference=given["crime_reference"],
            summary=given["urgency_reason"],
            necessity="",
            child_or_vulnerable=given["child_or_vulnerable"],
            return_channel=ReturnChannel.SECURE_MAIL,
            instrument=InstrumentInput(code=given["instrument"]),
            requester=OfficerInput(
                name=given["requester_name"], rank=given["requester_rank"], number=given["requester_number"]
            ),
            subjects=(SubjectInput(status=Subject.Status.MISSING, **person),),
            items=tuple(ItemInput(item_type=code) for code in given["items"]),
        )


def _nation(body: Organisation) -> str:
    return body.nation if body.nation in {"EW", "SC", "NI"} else "EW"


class AttemptForm(DeskForm):
    on_call = forms.IntegerField(widget=forms.HiddenInput)
    result = forms.ChoiceField(label="What came of it", choices=CallAttempt.Result.choices)


class ReadOutForm(DeskForm):
    """`alone`: offered only to an approver, and judged by the guards. The reading lies between the receipt and `now`."""

    words = LongText(
        label="What you read out",
        help_text="Item by item, exactly what was said and nothing else.",
        widget=forms.Textarea({"rows": 4}),
    )
    read_to = forms.CharField(label="To whom", max_length=200, help_text="Name, rank and number.")
    number = forms.CharField(
        label="On which number",
        max_length=40,
        help_text="The number in the register, which the call-back went to.",
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )
    at = MomentField(label="When", help_text="London time.")
    alone = forms.BooleanField(label="I release it alone: nobody on call answers", required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None, *, received_at: datetime, now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.received_at, self.now = received_at, now

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        if at > self.now:
            raise forms.ValidationError(READ_LATER)
        if is_before(at=at, received_at=self.received_at):
            raise forms.ValidationError(READ_BEFORE)
        return at

    @property
    def action(self) -> Action:
        return Action.RELEASE_ALONE if self.cleaned_data["alone"] else Action.RELEASE_EMERGENCY


class OnCallForm(DeskForm):
    person = forms.ChoiceField(label="Who", error_messages={"required": "Choose a person."})
    position = forms.IntegerField(
        label="Rung as number", min_value=1, max_value=99, help_text="1 is rung first."
    )
    phone = forms.CharField(
        label="Number at night", max_length=40, widget=forms.TextInput({"inputmode": "tel"})
    )

    def __init__(self, data: QueryDict | None, *, people: Sequence[User]) -> None:
        super().__init__(data)
        self.people = {user.ref: user for user in people}
        choices = [("", "Choose a person"), *((ref, user.display_name) for ref, user in self.people.items())]
        self.fields["person"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> User:
        return self.people[self.cleaned_data["person"]]
