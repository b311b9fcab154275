"""What arrived, as the clerk copies it. Little is demanded to save a draft; the rest by its own time."""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.timezone import localdate

from accounts.models import Organisation

from ..catalogue import INSTRUMENTS, PURPOSES, RANKS
from ..catalogue.sections import in_sections
from ..models.request import (
    Channel,
    Consent,
    MarketingChannel,
    Nation,
    Purpose,
    ReturnChannel,
    Transfer,
    Urgency,
)
from ..selectors.standing import switched_off
from .base import DeskForm
from .fields import DayMonthYearField, MomentField
from .texts import PARAGRAPH, Answer, Choice, CopiedForm, Line, Paragraphs

OLD_LAW = "P-LEG98"
CITES_OLD_LAW = re.compile(r"\b1998\b|\bs(?:ection|\.)?\s*(?:29\s*\(?3|35\b)", re.IGNORECASE)
RANK_CHOICES = [(rank.code, rank.name) for rank in RANKS.values()]


def instrument_choices(off: Collection[str] = ()) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can arrive, under the heading a person looks for; our own duties, and what is never recorded, cannot be chosen."""
    there = (row for row in INSTRUMENTS.values() if row.arrives and row.code not in off)
    return [(section, [(row.code, row.name) for row in rows]) for section, rows in in_sections(there)]


class ArrivedForm(DeskForm):
    """Asked before any row exists: whoever is unsure chooses the careful answer."""

    arrived = forms.ChoiceField(
        label="What arrived?",
        widget=forms.RadioSelect,
        choices=[
            ("schedule-2", "A police request on a Schedule 2 form, or the same by letter, mail or telephone"),
            ("restricted", "An order, a notice or a warrant, or anything that says it may not be told"),
            ("interception", "An interception warrant, or anything that speaks of interception"),
            ("unsure", "I am not sure"),
        ],
        error_messages={
            "required": "Choose what arrived. If you are not sure, say so.",
            "invalid_choice": "Choose one of the answers shown.",
        },
    )


class IntakeForm(CopiedForm):
    """The request itself. `now` judges what may not lie in the future."""

    css = {
        "urgency_reason": "only-urgent",
        "required_by_on": "only-urgent",
        "do_not_notify_reason": "only-untold",
        "do_not_notify_review_on": "only-untold",
        "requester_number": "field-short",
        "countersigner_number": "field-short",
    }
    needed_before = {
        "submitting": ("body",),
        "review": (
            "instrument", "summary", "requester_name", "requester_rank", "requester_number", "requester_email", "crime_reference", "purposes",
            "offence", "necessity", "proportionality", "prejudice", "special_category_sought", "child_or_vulnerable",
            "communications_data_sought", "do_not_notify", "do_not_notify_reason", "do_not_notify_review_on",
            "urgency_reason", "countersigner_name", "countersigner_rank",
        ),
        "release": ("signed_on", "declared_purpose", "declared_offence", "return_channel"),
    }  # fmt: skip
    channel = Choice(label="How it came", choices=Channel.choices, empty="Choose one", required=True)
    received_at = MomentField(label="Received", help_text="When it reached the company, in London time.")
    nation = forms.ChoiceField(
        label="Part of the United Kingdom",
        choices=Nation.choices,
        widget=forms.RadioSelect({"class": "in-a-row"}),
        help_text="Where the body that asks belongs. Its bank holidays count.",
    )
    urgency = forms.ChoiceField(
        label="Urgency",
        choices=Urgency.choices,
        widget=forms.RadioSelect({"class": "in-a-row"}),
        initial=Urgency.ROUTINE,
    )
    urgency_reason = Paragraphs(
        label="Why it is urgent", rows=2, help_text="The risk, in the officer’s words."
    )
    required_by_on = DayMonthYearField(label="By when they ask for it", required=False)

    body = Choice(label="Police force or agency", choices=[], empty="Not in the list, or not known yet")
    requester_name = Line(label="Officer’s name")
    requester_rank = Choice(label="Rank", choices=RANK_CHOICES)
    requester_number = Line(label="Collar or staff number")
    requester_email = Line(label="E-mail address", help_text="As it stands on the form.")
    requester_phone = Line(
        label="Telephone", help_text="For the file. The call-back goes to the number in our register."
    )
    unit = Line(label="Department or unit")
    station_address = Paragraphs(label="Station or postal address", rows=3, max_length=PARAGRAPH)

    instrument = Choice(label="What it relies on", choices=instrument_choices())
    statute_typed = Line(
        label="The law as the form cites it", help_text="For example: DPA 2018 Sch 2 Pt 1 para 2."
    )
    instrument_dated_on = DayMonthYearField(label="Date of the form or letter", required=False)
    crime_reference = Line(label="Crime or incident reference")
    urn = Line(label="Unique reference number (URN)")
    operation_name = Line(label="Name of the operation")
    form_name = Line(label="The form’s own name or number", max_length=60)
    form_version = Line(label="Its version", max_length=20)
    protective_marking = Line(
        label="Protective marking", max_length=40, help_text="For example: OFFICIAL-SENSITIVE."
    )
    court = Line(label="Court")
    judge = Line(label="Judge")
    case_number = Line(label="Case number")
    addressee = Line(
        label="Addressed to", help_text="As it stands there, even if the name is not quite ours."
    )
    made_on = DayMonthYearField(label="Made on", required=False)
    served_on = DayMonthYearField(label="Served on us on", required=False)
    stated_due_on = DayMonthYearField(
        label="To be answered by", required=False, help_text="Only if it states a date."
    )
    authority_shown = Line(label="Evidence of authority produced", help_text="What was shown, and by whom.")
    dated_on = DayMonthYearField(label="Date of the request, if another", required=False)
    valid_until = DayMonthYearField(label="Valid until, if it says so", required=False)

    purposes = forms.MultipleChoiceField(
        label="Purpose", choices=Purpose.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    offence = Line(
        label="Offence under investigation",
        max_length=PARAGRAPH,
        help_text="With its statute, if the form gives it.",
    )
    offence_withheld = forms.BooleanField(
        label="The form says that naming the offence would prejudice the case", required=False
    )
    summary = Paragraphs(label="What the investigation is about", help_text="In the words of the form.")
    necessity = Paragraphs(label="Why it is necessary")
    proportionality = Paragraphs(label="Why it is proportionate")
    prejudice = Paragraphs(label="What is likely to happen without it")
    less_intrusive = Paragraphs(label="What was tried before", rows=2)
    collateral = Paragraphs(label="Other people it may show", rows=2)
    special_category_sought = Answer(
        label="Does it ask for special category or criminal-offence data?",
        help_text="Health, beliefs, origin, sex life and the like, or convictions.",
    )
    child_or_vulnerable = Answer(label="Is a child or vulnerable adult involved?")
    communications_data_sought = Answer(
        label="Does it ask for communications data?",
        help_text="Who held a number or line, or who contacted whom. What the items are counts, not this answer.",
    )

    do_not_notify = Answer(label="Does it ask that the person is not told?")
    do_not_notify_reason = Paragraphs(label="Why the person must not be told", rows=2)
    do_not_notify_review_on = DayMonthYearField(
        label="When that is to be looked at again", required=False, help_text="Within twelve months."
    )

    consent = Choice(
        label="The person’s own consent, the form says", choices=Consent.choices, empty="Not stated"
    )
    victim_told_on = DayMonthYearField(label="Notice given to the victim on", required=False)
    victim_not_told_reason = Line(label="Why no notice was given")
    counselling_sought = Answer(
        label="Does it ask for counselling records?", help_text="They are presumed not to be needed."
    )
    evidential_format = Line(
        label="Evidential format", help_text="A statement, an exhibit reference, a certified copy."
    )
    cost_recovery_asked = Answer(label="May costs be recovered?")

    policy_purpose = Choice(
        label="Purpose of the policy",
        choices=[(purpose.code, purpose.name) for purpose in PURPOSES.values()],
        help_text="Only purposes above the disclosure clause are open to a company of the group.",
    )
    marketing_channels = forms.MultipleChoiceField(
        label="For marketing: by which channels",
        choices=MarketingChannel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Each has rules of its own. Whoever may not be reached by one of them is left out.",
    )
    data_recipient = Line(label="Who in the company will receive it")
    transfer_abroad = Answer(label="Does it leave the United Kingdom?")
    transfer_mechanism = Choice(
        label="On what the transfer rests", choices=Transfer.choices, empty="No transfer"
    )

    signed_on = DayMonthYearField(label="Signed by the officer on", required=False)
    declared_purpose = forms.BooleanField(
        label="The officer declares that the data is needed for the purpose and that it would be prejudiced without",
        required=False,
    )
    declared_part3 = forms.BooleanField(
        label="The officer declares that it is handled under Part 3 of the Data Protection Act 2018",
        required=False,
    )
    declared_offence = forms.BooleanField(
        label="The officer knows that obtaining data unlawfully is an offence (Data Protection Act 2018, section 170)",
        required=False,
    )
    countersigner_name = Line(
        label="Countersigning officer’s name",
        help_text="An inspector or above, senior to the officer who asks.",
    )
    countersigner_rank = Choice(label="Rank", choices=RANK_CHOICES)
    countersigner_number = Line(label="Collar or staff number")
    countersigned_on = DayMonthYearField(label="Countersigned on", required=False)
    countersigner_email = Line(label="E-mail address")
    countersigner_phone = Line(label="Telephone")
    rank_waiver_reason = Paragraphs(
        label="Why no senior officer could countersign",
        rows=2,
        help_text="Only where the officer who asks is a superintendent or above.",
    )

    return_channel = Choice(label="How the answer is to go", choices=ReturnChannel.choices)
    return_address = Paragraphs(
        label="To which mailbox or address",
        rows=2,
        max_length=PARAGRAPH,
        help_text="Of the force or agency; never a private one.",
    )
    handling = Paragraphs(label="How they will hold, use and pass it on", rows=2)

    def __init__(
        self, data: QueryDict | None, *, now: datetime, bodies: Sequence[Organisation], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.now = now
        self.bodies = {body.ref: body for body in bodies}
        # What the draft has already stays; triage says that it is switched off.
        if off := switched_off() - {self.initial.get("instrument", "")}:
            self.fields["instrument"].choices = [("", "Not known yet"), *instrument_choices(off)]  # type: ignore[attr-defined]
        self.fields["body"].choices = [*self.fields["body"].choices, *_by_kind(bodies)]  # type: ignore[attr-defined]

    def clean_received_at(self) -> datetime:
        received: datetime = self.cleaned_data["received_at"]
        if received > self.now:
            raise forms.ValidationError(
                "This lies in the future. Give the time at which it reached the company."
            )
        return received

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("channel") == Channel.TELEPHONE and given.get("urgency") != Urgency.IMMEDIATE:
            self.add_error(
                "channel",
                "By telephone we take a request only where life is at risk. Ask the officer to send the form, "
                f"or mark the request “{Urgency.IMMEDIATE.label}”.",
            )
        for name in PAST_DAYS:
            self._refuse_future(name)
        if given.get("transfer_mechanism") and not given.get("transfer_abroad"):
            self.add_error(
                "transfer_mechanism",
                "This is only for information that leaves the United Kingdom. Answer that it does, or choose “No transfer”.",
            )
        if given.get("instrument") != OLD_LAW and _cites_old_law(given.get("statute_typed", "")):
            self.add_error(
                "instrument",
                f"The form cites the Data Protection Act 1998, which was repealed. Choose “{INSTRUMENTS[OLD_LAW].name}”: "
                "triage sends it back with the present law.",
            )
        return given

    def _refuse_future(self, name: str) -> None:
        day: date | None = self.cleaned_data.get(name)
        if day and day > localdate(self.now):
            self.add_error(name, f"“{self[name].label}” lies in the future. Copy the date from the form.")


PAST_DAYS = (
    "dated_on", "instrument_dated_on", "signed_on", "countersigned_on", "made_on", "served_on", "victim_told_on",
)  # fmt: skip


def _cites_old_law(typed: str) -> bool:
    """The Data Protection Act 1998, or its sections 29(3) and 35 without any year."""
    return "2018" not in typed and CITES_OLD_LAW.search(typed) is not None


def _by_kind(bodies: Sequence[Organisation]) -> list[tuple[str, list[tuple[str, str]]]]:
    names = {
        Organisation.Kind.POLICE_FORCE: "Police forces",
        Organisation.Kind.AGENCY: "Agencies",
        Organisation.Kind.COURT: "Courts",
        Organisation.Kind.GROUP_COMPANY: "Companies of the group",
    }
    return [
        (words, [(body.ref, body.name) for body in bodies if body.kind == kind])
        for kind, words in names.items()
    ]
