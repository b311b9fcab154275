"""The ten questions put before a voluntary request is answered; and which form asks which set of tests."""

from collections.abc import Mapping

from django import forms

from ..catalogue import Tests as TestsOf
from ..models import Assessment, CourtApplication
from .base import DeskForm, Section, SectionedForm
from .fields import DayMonthYearField
from .interests import LegitimateTestsForm
from .work import (
    BASIS,
    CONDITION,
    CONDITION_NOTE,
    EXEMPTION,
    EXTENT,
    SECOND_LOOK,
    CompulsoryTestsForm,
    LongText,
    YesNo,
)

SHORT = forms.Textarea({"rows": 3})


class TestsForm(SectionedForm):
    """The questions for a voluntary request; the cleaned data are what `weighing.Tests` takes.

    Nothing is answered beforehand, and consent is no basis that could be chosen.
    """

    __test__ = False

    SECTIONS = (
        Section("2. Authentic", ("authentic",), "checks"),
        Section("3. Lawful purpose", ("purpose_lawful", "purpose_note"), "statute"),
        Section("4. Necessity", ("necessary", "necessity_note", "alternatives_note"), "necessity"),
        Section("5. Proportionality", ("proportionate", "proportionality_note"), "proportionality"),
        Section("6. Prejudice", ("prejudice_likely", "prejudice_note"), "prejudice"),
        Section("7. Our lawful basis", ("basis", "exemption", "extent_note")),
        Section("8. Compatible purpose", ("compatibility",)),
        Section("9. Special category and criminal-offence data", ("condition", "condition_note"), "special"),
        Section("10. Communications data", ("communications_data",)),
        Section("The record", ("further_note", "second_look")),
    )

    authentic = YesNo(
        label="Is it authentic?",
        yes="Yes, it comes from whom it says",
        no="No, or that is in doubt",
        help_text=(
            "The checks above speak of who wrote. Ask yourself too whether the request sounds like that body: its "
            "form, its unit, its reference, its haste. An address alone never suffices."
        ),
    )
    purpose_lawful = YesNo(
        label="Does its purpose lie within the law it cites?",
        yes="Yes, its purpose is one the law names",
        no="No",
        help_text=(
            "Preventing or detecting crime, catching or prosecuting offenders, assessing a tax (Schedule 2, paragraph 2); "
            "legal proceedings (paragraph 5); somebody's life. Curiosity, a civil debt or a licence is none of these."
        ),
    )
    purpose_note = LongText(label="Which purpose it is, and how the request shows it", widget=SHORT)
    necessary = YesNo(
        label="Is it necessary?",
        yes="Yes, it is necessary",
        no="No",
        help_text=(
            "More than useful or usual, though not indispensable. If less data, a shorter period or another "
            "way would serve the purpose as well, it is not necessary."
        ),
    )
    necessity_note = LongText(
        label="Why it is, or is not, necessary",
        help_text="In your own words, not the officer's.",
        widget=SHORT,
    )
    alternatives_note = LongText(
        label="What less was considered",
        help_text="Fewer items, a shorter period, one person instead of several, an answer of yes or no; and why it does or does not serve.",
        widget=SHORT,
    )
    proportionate = YesNo(
        label="Is it proportionate, and the minimum?",
        yes="Yes, it is proportionate",
        no="No",
        help_text=(
            "Weigh how far this reaches into the lives of the person and of others shown in the records "
            "against how grave the matter is."
        ),
    )
    proportionality_note = LongText(label="Why it is, or is not, proportionate", widget=SHORT)
    prejudice_likely = YesNo(
        label="Would refusing, or telling the person, be likely to prejudice the purpose?",
        yes="Yes, that is likely",
        no="No",
        help_text=(
            "“Likely” means a real and weighty chance in this case. It is judged case by case, never for a "
            "whole class of cases."
        ),
    )
    prejudice_note = LongText(label="What the prejudice would be, or why there is none", widget=SHORT)
    basis = BASIS(
        help_text="Our basis, not the officer's. Never consent: using our services is no consent to this."
    )
    exemption = EXEMPTION()
    extent_note = EXTENT()
    compatibility = forms.ChoiceField(
        label="Is giving it compatible with why we hold it?",
        choices=[("", "Choose one"), *Assessment.Compatibility.choices],
        help_text=(
            "UK GDPR, Article 5(1)(b). Annex 2 lists purposes that count as compatible; any other is weighed under Article 8A."
        ),
    )
    condition = CONDITION()
    condition_note = CONDITION_NOTE()
    communications_data = YesNo(
        label="Is any of it communications data that this request cannot ask for?",
        yes="Yes, some of it is",
        no="No, none of it",
        help_text=(
            "Who held a number, when and where a call was made, which line or device. Such data needs an authorisation "
            "under Part 3 of the Investigatory Powers Act 2016, through the force's single point of contact."
        ),
    )
    further_note = LongText(
        label="Anything else for the record",
        required=False,
        help_text="What a court or the regulator should know of how you came to these answers. Leave names out where you can.",
        widget=SHORT,
    )
    second_look = SECOND_LOOK()


class CourtForm(DeskForm):
    wanted = forms.ChoiceField(
        label="What the court is asked for",
        choices=CourtApplication.Wanted.choices,
        widget=forms.RadioSelect({"class": "in-a-row"}),
    )
    applied_on = DayMonthYearField(label="The day it was made")
    court = forms.CharField(label="The court", max_length=200)
    grounds = LongText(
        label="On which grounds",
        help_text="Until the court has decided, the order stands. What it decides comes as a new document.",
        widget=SHORT,
    )


TESTS_FORMS: Mapping[str, type[SectionedForm]] = {
    TestsOf.VOLUNTARY: TestsForm,
    TestsOf.LEGITIMATE: LegitimateTestsForm,
    TestsOf.COMPULSORY: CompulsoryTestsForm,
}
