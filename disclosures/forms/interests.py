"""The legitimate-interests assessment as a guided form: purpose, necessity, balance, outcome (UK GDPR Article 6(1)(f))."""

from django import forms

from ..models import Assessment
from .base import Section, SectionedForm
from .fields import DayMonthYearField
from .work import BASIS, CONDITION, CONDITION_NOTE, EXEMPTION, EXTENT, SECOND_LOOK, LongText, YesNo

SHORT = forms.Textarea({"rows": 3})


class LegitimateTestsForm(SectionedForm):
    """Asked of a company of the group. Nothing is answered beforehand; the cleaned data are what `weighing.Tests` takes."""

    __test__ = False

    SECTIONS = (
        Section("2. Purpose", ("whose_interest", "interest_note", "benefit_note")),
        Section("3. Necessity", ("recipient_note", "items_note", "alternatives_note", "anonymise_note", "necessary",
                                 "necessity_note"), "necessity"),
        Section("4. Balance", ("expectations_note", "impact_note", "vulnerable_note", "objections_note", "safeguards_note",
                               "keeping_note", "proportionate", "proportionality_note"), "proportionality"),
        Section("5. Outcome", ("basis", "exemption", "extent_note", "condition", "condition_note", "agreement_reference",
                               "dpia_reference", "review_on", "second_look")),
    )  # fmt: skip

    whose_interest = forms.ChoiceField(
        label="Whose interest is it?", choices=[("", "Choose one"), *Assessment.Whose.choices]
    )
    interest_note = LongText(
        label="What the interest is",
        help_text="The purpose of the policy it serves, in plain words. A wish is no interest.",
        widget=SHORT,
    )
    benefit_note = LongText(
        label="What is gained, and by whom",
        help_text="What would be lost without it.",
        widget=SHORT,
    )
    recipient_note = LongText(
        label="Why this company",
        help_text="Why it must be given to this company and not to another, or to nobody.",
        widget=SHORT,
    )
    items_note = LongText(
        label="Why each item", help_text="Item by item: what it is needed for.", widget=SHORT
    )
    alternatives_note = LongText(
        label="What else would serve",
        help_text="Fewer items, a shorter period, an answer of yes or no; why it does or does not serve.",
        widget=SHORT,
    )
    anonymise_note = LongText(
        label="Would it do without names?",
        help_text="Figures, or records without names or numbers; why it does or does not serve.",
        widget=SHORT,
    )
    necessary = YesNo(
        label="Is it necessary for that?",
        yes="Yes, it is necessary",
        no="No",
        help_text="More than useful. If a less intrusive way serves as well, it is not necessary.",
    )
    necessity_note = LongText(label="Why it is, or is not, necessary", widget=SHORT)
    expectations_note = LongText(
        label="What people expect",
        help_text="What our policy told them, how they came to us, what they would be surprised by.",
        widget=SHORT,
    )
    impact_note = LongText(
        label="What it does to them", help_text="The likely effect, and the worst one.", widget=SHORT
    )
    vulnerable_note = LongText(
        label="Who among them is vulnerable",
        help_text="Children, the ill, people in debt or in fear; or that nobody is, and how you know.",
        widget=SHORT,
    )
    objections_note = LongText(
        label="Who has opted out or objected",
        help_text="What the register of preferences shows of them. Whoever objected to marketing is left out without weighing.",
        widget=SHORT,
    )
    safeguards_note = LongText(
        label="Which safeguards there are", help_text="Limits of use, of access, of time.", widget=SHORT
    )
    keeping_note = LongText(
        label="How the company keeps it",
        help_text="How it is kept safe, for how long, and how people use their rights there.",
        widget=SHORT,
    )
    proportionate = YesNo(
        label="Does the interest outweigh the person's own?",
        yes="Yes, on balance",
        no="No",
        help_text="If in doubt it does not.",
    )
    proportionality_note = LongText(label="How the balance was struck", widget=SHORT)
    basis = BASIS(help_text="Never consent: using our services is no consent to this.")
    exemption = EXEMPTION()
    extent_note = EXTENT()
    condition = CONDITION()
    condition_note = CONDITION_NOTE()
    agreement_reference = forms.CharField(
        label="Data sharing agreement",
        max_length=120,
        help_text="Its number, or why there is none.",
    )
    dpia_reference = forms.CharField(
        label="Data protection impact assessment",
        max_length=120,
        help_text="Its number, or why none was needed.",
    )
    review_on = DayMonthYearField(
        label="When this is to be looked at again", help_text="A day to come: circumstances change."
    )
    second_look = SECOND_LOOK()
