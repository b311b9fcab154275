"""The forms of the desk's work: checks of the requester, searches asked for, tests, opinions, decisions."""

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict

from ..catalogue.checks import POINTS_OF
from ..models import Assessment, Evidence
from .base import DeskForm, Section, SectionedForm
from .fields import DayMonthYearField, MomentField

Choices = Iterable[tuple[str, str]]


class LongText(forms.CharField):
    """Several lines of text; a browser's line ends become plain ones."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class YesNo(forms.TypedChoiceField):
    """Two answers in words of their own; True for the first."""

    widget = forms.RadioSelect

    def __init__(self, *, label: str, yes: str = "Yes", no: str = "No", **kwargs: Any) -> None:
        choices = [("yes", yes), ("no", no)]
        super().__init__(label=label, choices=choices, coerce=lambda value: value == "yes", **kwargs)


def yes_or_no(answer: bool) -> str:
    return "yes" if answer else "no"


# Checks of the requester ---------------------------------------------------------------------


class CheckForm(DeskForm):
    """One check. `code` says which; the cleaned data are what `record_evidence` takes."""

    code: ClassVar[str]
    verb: ClassVar[str]

    def __init__(self, data: QueryDict | None, **kwargs: Any) -> None:
        super().__init__(data, prefix=self.code.lower(), **kwargs)


class SenderAddressForm(CheckForm):
    code = Evidence.Code.SENDER_ADDRESS
    verb = "Record the address check"
    address = forms.CharField(
        label="The address the mail came from",
        max_length=254,
        help_text="As the mail itself shows it, not as the form says. It is compared with the register.",
        widget=forms.TextInput({"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}),
    )
    passed = YesNo(label="Does the sender's address agree with the register?", yes="Yes, it agrees", no="No")
    at = MomentField(label="When you checked", help_text="London time.")
    note = LongText(
        label="What you saw",
        required=False,
        help_text="For example: the domain is listed, and the mail's own headers name the same server.",
    )


class CallBackForm(CheckForm):
    code = Evidence.Code.CALL_BACK
    verb = "Record the call"
    number_called = forms.CharField(
        label="The number you rang",
        help_text="As you dialled it. Only the register's number counts, never one from the form or the e-mail.",
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )
    at = MomentField(label="When you rang", help_text="London time.")
    answered_by = forms.CharField(
        label="Who answered",
        max_length=200,
        help_text="Everybody you were put through to, for example: switchboard, then PC Sample.",
    )
    passed = YesNo(
        label="Did the force confirm the officer and the request?",
        yes="Yes, both are confirmed",
        no="No, something did not agree",
        help_text="Ask for the officer's name, rank and number, and whether they sent this request.",
    )
    note = LongText(label="What was said", required=False)


class WarrantCardForm(CheckForm):
    code = Evidence.Code.WARRANT_CARD
    verb = "Record the warrant card"
    passed = YesNo(label="Does the card agree with the person and the form?")
    at = MomentField(label="When you saw the card", help_text="London time.")
    note = LongText(
        label="What the card says",
        help_text="The force, the name and the number on it. Do not copy or photograph the card.",
    )


class PointsForm(CheckForm):
    """Point by point; whether the document holds follows from the points."""

    at = MomentField(label="When you checked", help_text="London time.")

    def __init__(self, data: QueryDict | None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        points = {
            f"point_{point.code.lower()}": YesNo(
                label=point.asks,
                help_text="A “no” is a question to legal; nothing is refused for it." if point.legal else "",
            )
            for point in POINTS_OF[self.code].values()
        }
        self.fields = {**points, **self.fields}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        names = {point.code: f"point_{point.code.lower()}" for point in POINTS_OF[self.code].values()}
        found = {code: cleaned.pop(name) for code, name in names.items() if name in cleaned}
        return cleaned | {"points": found}


class CourtDocumentForm(PointsForm):
    code = Evidence.Code.COURT_DOCUMENT
    verb = "Record the document check"
    note = LongText(
        label="What you checked, and what you saw",
        help_text="Ring the court if in doubt, and write down who answered.",
    )


class NoticeForm(PointsForm):
    code = Evidence.Code.NOTICE_CHECKED
    verb = "Record the notice check"
    note = LongText(
        label="What you checked, and what you saw",
        help_text="Ask the unit that sent it if in doubt, by the register’s number, and write down who answered.",
    )


class AuthorityForm(CheckForm):
    code = Evidence.Code.AUTHORITY_SHOWN
    verb = "Record the authority"
    passed = YesNo(
        label="Was it shown, and does it cover this notice?",
        yes="Yes, it was shown and covers it",
        no="No, or not all of it",
        help_text="Under these laws we are not bound until the authority is shown. Ask for it, whoever gives the notice.",
    )
    at = MomentField(label="When it was shown to you", help_text="London time.")
    note = LongText(
        label="What was shown, and by whom",
        help_text="Who gave the authority, to whom and on which day, and how it was shown: in person, or sent by the unit.",
    )


class CompanyKnownForm(CheckForm):
    code = Evidence.Code.COMPANY_KNOWN
    verb = "Record the confirmation"
    passed = YesNo(
        label="Did the company's own submitter confirm the request?",
        help_text="A request sent from the company's own account is confirmed by that; ring them for one that came by post or mail.",
    )
    at = MomentField(label="When they confirmed it", help_text="London time.")
    note = LongText(label="Who confirmed it, and how you reached them")


CHECKS: tuple[type[CheckForm], ...] = (
    SenderAddressForm,
    CallBackForm,
    WarrantCardForm,
    CourtDocumentForm,
    NoticeForm,
    AuthorityForm,
    CompanyKnownForm,
)


# Review --------------------------------------------------------------------------------------


class AskForm(DeskForm):
    systems = forms.TypedMultipleChoiceField(
        label="Systems to ask",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one of the systems to ask."},
    )

    def __init__(self, data: QueryDict | None, *, systems: Choices) -> None:
        super().__init__(data)
        self.fields["systems"].choices = list(systems)  # type: ignore[attr-defined]


BASIS = partial(
    forms.ChoiceField,
    label="Our lawful basis for giving it",
    choices=[("", "Choose one"), *Assessment.Basis.choices],
)
EXEMPTION = partial(
    forms.ChoiceField,
    label="Exemption relied on",
    choices=[("", "Choose one"), *Assessment.Exemption.choices],
    help_text=(
        "An exemption lifts some duties, such as telling the person, and only as far as it is needed. "
        "It is neither a lawful basis nor a duty to disclose."
    ),
)

EXTENT = partial(
    LongText,
    label="How far the exemption is relied on",
    required=False,
    help_text="Which duties it lifts and for how long, for example: telling the person, until the review date. Not needed where no exemption is relied on.",
    widget=forms.Textarea({"rows": 2}),
)
CONDITION = partial(
    forms.ChoiceField,
    label="Condition for special category or criminal-offence data",
    required=False,
    choices=[("", "No such data is asked for"), *Assessment.Condition.choices],
    help_text=(
        "UK GDPR, Articles 9 and 10, and the Data Protection Act 2018, Schedule 1. Without a condition nothing of that "
        "kind may be given. Paragraph 10 needs no policy document where the recipient is a competent authority."
    ),
)
CONDITION_NOTE = partial(
    LongText,
    label="Why the condition is met here",
    required=False,
    widget=forms.Textarea({"rows": 2}),
)


SECOND_LOOK = partial(
    forms.BooleanField,
    required=False,
    label="Ask the data protection officer first",
    help_text="Where we have not given anything on this basis before, or where somebody on the case sees it otherwise.",
)


class CompulsoryTestsForm(SectionedForm):
    """Asked of an order or a notice: it is obeyed within its own limits, and weighed no further."""

    __test__ = False

    SECTIONS = (
        Section(
            "2. The instrument",
            (
                "valid",
                "addressed_to_us",
                "in_its_period",
                "within_its_terms",
                "privilege_excluded",
                "excluded_material",
                "terms_note",
                "basis",
                "exemption",
                "extent_note",
                "condition",
                "condition_note",
                "second_look",
            ),
        ),
    )

    valid = YesNo(
        label="Is it valid?",
        help_text="Made or given by somebody who may, sealed or signed, under the law it cites, not set aside.",
    )
    addressed_to_us = YesNo(
        label="Is it addressed to us?",
        help_text="To this company by its name or one of its other names. If in doubt, ask legal; never refuse for it alone.",
    )
    in_its_period = YesNo(
        label="Is it within its period?", help_text="It has begun, and it has not ended or been cancelled."
    )
    within_its_terms = YesNo(
        label="Does what we would give stay within its terms?",
        help_text="The items, the people and the period it names, and nothing beside them.",
    )
    privilege_excluded = YesNo(
        label="Is legally privileged material left out?",
        help_text=(
            "Advice between a lawyer and a client, and what was made for proceedings, stays outside the order."
        ),
    )
    excluded_material = YesNo(
        label="Might any of it be excluded or journalistic material?",
        yes="Yes, it may be among it",
        no="No, none of it",
        help_text=(
            "Excluded is what somebody holds in confidence in a trade, a profession or an office: records of a person’s health, "
            "counselling or welfare; tissue taken for treatment; and what was gathered for journalism (Police and Criminal "
            "Evidence Act 1984, sections 11 to 14). Only a judge’s order on conditions of its own reaches it: under Schedule 1 "
            "of that Act, or Schedule 5 of the Terrorism Act 2000. A production order, a warrant or a disclosure order under the "
            "Proceeds of Crime Act 2002 does not. In doubt answer yes, and ask legal."
        ),
    )
    terms_note = LongText(label="How you came to these answers")
    basis = BASIS(help_text="For an order or a notice this is the legal obligation.")
    exemption = EXEMPTION()
    extent_note = EXTENT()
    condition = CONDITION()
    condition_note = CONDITION_NOTE()
    second_look = SECOND_LOOK()


class OpinionForm(DeskForm):
    in_favour = YesNo(
        label="Your advice",
        yes="In favour of going on as the reviewer intends",
        no="Against it",
        help_text="You advise and do not decide: a decision against your advice needs reasons.",
    )
    advice = LongText(
        label="Your opinion",
        help_text="Which condition allows it, what must be left out, what safeguards it needs. It stays with the decision.",
    )


class CounselForm(DeskForm):
    adviser = forms.CharField(
        label="Who advised",
        max_length=200,
        help_text="The barrister or solicitor, and the chambers or firm.",
    )
    advised_on = DayMonthYearField(label="The day of the advice")
    in_favour = YesNo(
        label="What counsel advises",
        yes="In favour of going on as you intend",
        no="Against it",
        help_text="A decision against the advice needs reasons.",
    )
    advice = LongText(
        label="The advice",
        help_text="What it comes to, in a few sentences. It is privileged: never copy it into a letter to the requester.",
    )
