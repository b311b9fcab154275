"""The forms of a person's own request."""

from django import forms
from django.http import QueryDict

from ..models import AccessRequest
from ..references import tidy
from ..services.accounting import AccessInput
from .base import DeskForm
from .fields import DayMonthYearField, MomentField
from .texts import Choice, CopiedForm, Line, Paragraphs
from .work import LongText


class AccessForm(CopiedForm):
    name = Line(label="Their name", required=True, error_messages={"required": "Give the person’s name."})
    born_on = DayMonthYearField(label="Date of birth", required=False, full_year=True)
    account_number = Line(label="Account number")
    email = Line(label="E-mail address")
    phone = Line(label="Telephone")
    reply_to = Paragraphs(
        label="Where the answer goes", rows=3, required=True, max_length=1_000,
        error_messages={"required": "Say where the answer goes."},
    )  # fmt: skip
    channel = Choice(
        label="How it came", choices=AccessRequest.Channel.choices, empty="Choose one", required=True
    )
    received_at = MomentField(label="When it came")

    def given(self) -> AccessInput:
        found = self.cleaned_data
        plain = {
            name: found[name]
            for name in ("name", "account_number", "email", "phone", "reply_to", "channel", "received_at")
        }
        return AccessInput(**plain, born_on=found["born_on"].isoformat() if found["born_on"] else "")


class ActForm(DeskForm):
    """One of the small forms of the page; `act` says which was sent."""

    act = ""

    def __init__(self, data: QueryDict | None) -> None:
        sent = data is not None and data.get("do") == self.act
        super().__init__(data if sent else None, auto_id=f"{self.act}-%s")


class ProofForm(ActForm):
    act = "proof"


class IdentityForm(ActForm):
    act = "identity"
    how = Choice(
        label="How the identity was checked", choices=AccessRequest.Identity.choices, empty="Choose one",
        required=True,
    )  # fmt: skip
    note = LongText(
        label="What was seen or asked",
        help_text="For example: the letter went to the address on the account.",
    )


class ClarifyForm(ActForm):
    act = "clarify"


class ClarifiedForm(ActForm):
    act = "clarified"


class ExtendForm(ActForm):
    act = "extend"
    reason = LongText(label="Why it is complex, or much")


class TellForm(ActForm):
    act = "tell"
    reference = Line(label="Reference of the request", required=True)
    position = forms.IntegerField(label="Which person in it", min_value=1, max_value=2_000)

    def clean_reference(self) -> str:
        return tidy(self.cleaned_data["reference"])


class ConsiderForm(ActForm):
    act = "consider"
    why = LongText(
        label="What was decided on the police and the authorities, and why",
        help_text="Write it the same whether or not there is anything to decide on.",
    )


class ProposeForm(ActForm):
    act = "propose"


class ApproveForm(ActForm):
    act = "approve"
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class CloseForm(ActForm):
    act = "close"
    how = Choice(
        label="Why it ends without an answer", choices=AccessRequest.Unanswered.choices, empty="Choose one",
        required=True,
    )  # fmt: skip
    why = LongText(
        label="What happened, and what the person was told",
        help_text="Who is refused is told why, that they may complain to the Commissioner, and that a court can decide.",
    )


FORMS: tuple[type[ActForm], ...] = (
    ProofForm, IdentityForm, ClarifyForm, ClarifiedForm, ExtendForm, TellForm, ConsiderForm, ProposeForm, ApproveForm,
    CloseForm,
)  # fmt: skip
