"""Weighing: the tests, the opinions, and one decision for each item of each subject."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from sealing.fields import SealedField
from sealing.models import DataKey

from ..catalogue import Tests
from .item import Item
from .request import RequestPart
from .subject import Subject

WEIGHED_INTERESTS = (
    "benefit_note",
    "recipient_note",
    "items_note",
    "anonymise_note",
    "expectations_note",
    "impact_note",
    "vulnerable_note",
    "objections_note",
    "safeguards_note",
    "keeping_note",
    "agreement_reference",
    "dpia_reference",
)


class Assessment(RequestPart):
    """The tests of the instrument: one answer each round, the latest counts.

    `tests` says which questions were answered: those of a voluntary request (DOMAIN B.5; UK GDPR
    Articles 5 and 6), of a compulsory one, or of a legitimate interest (Article 6(1)(f)).
    `questions` counts the sets of questions as they were put over time: rows of set 1 answered fewer.
    """

    class Basis(models.TextChoices):
        CRIME = "EA_CRIME", "Recognised legitimate interest: crime (UK GDPR Article 6(1)(ea), Annex 1)"
        PUBLIC_TASK = (
            "EA_TASK",
            "Recognised legitimate interest: a public body's request for its task (UK GDPR Article 6(1)(ea), Annex 1)",
        )
        LEGITIMATE = "F", "Legitimate interests (UK GDPR Article 6(1)(f))"
        VITAL = "D", "Vital interests (UK GDPR Article 6(1)(d))"
        OBLIGATION = "C", "Legal obligation (UK GDPR Article 6(1)(c))"

    class Exemption(models.TextChoices):
        CRIME = "SCH2_2", "Data Protection Act 2018, Schedule 2, paragraph 2 (crime)"
        REQUIRED = "SCH2_5", "Data Protection Act 2018, Schedule 2, paragraph 5 (required by law)"
        NONE = "NONE", "No exemption relied on"

    class Compatibility(models.TextChoices):
        """Why giving it is compatible with why we hold it: UK GDPR Articles 5(1)(b) and 8A, Annex 2."""

        CRIME = "CRIME", "Compatible: for preventing, detecting or prosecuting crime (Annex 2)"
        PUBLIC_TASK = "TASK", "Compatible: a public body asks for it for its task (Annex 2)"
        VITAL = "VITAL", "Compatible: to protect somebody's vital interests (Annex 2)"
        SAFEGUARDING = "SAFEGUARD", "Compatible: to safeguard a person at risk (Annex 2)"
        WEIGHED = (
            "WEIGHED",
            "Compatible after weighing link, context, nature, consequences and safeguards (Article 8A)",
        )
        NOT_COMPATIBLE = "NO", "Not compatible"

    class Condition(models.TextChoices):
        """What allows special category or criminal-offence data: UK GDPR Articles 9 and 10, DPA 2018 Schedule 1."""

        UNLAWFUL_ACTS = "S1_10", "Schedule 1, paragraph 10: preventing or detecting unlawful acts"
        DISHONESTY = "S1_11", "Schedule 1, paragraph 11: protecting the public against dishonesty"
        REGULATORY = (
            "S1_12",
            "Schedule 1, paragraph 12: regulatory requirements on unlawful acts and dishonesty",
        )
        FRAUD = "S1_14", "Schedule 1, paragraph 14: preventing fraud"
        LAUNDERING = "S1_15", "Schedule 1, paragraph 15: suspicion of terrorist financing or money laundering"
        SAFEGUARDING = (
            "S1_18",
            "Schedule 1, paragraph 18: safeguarding of children and of individuals at risk",
        )
        VITAL = "A9_C", "Article 9(2)(c) and Schedule 1, paragraph 30: vital interests"
        CLAIMS = "A9_F", "Article 9(2)(f) and Schedule 1, paragraph 33: legal claims"
        NONE = "NONE", "No condition allows it; what is of that kind is withheld"

    class Whose(models.TextChoices):
        COMPANY = "COMPANY", "The company’s that asks"
        OURS = "OURS", "Our own"
        SHARED = "SHARED", "Both companies’"
        PUBLIC = "PUBLIC", "Everybody’s: a public interest"

    round = models.PositiveSmallIntegerField()
    tests = models.CharField(
        max_length=10, choices=[(t.value, t.value) for t in Tests], default=Tests.VOLUNTARY.value
    )
    questions = models.PositiveSmallIntegerField(default=1)
    authentic = models.BooleanField(null=True)
    purpose_lawful = models.BooleanField(null=True)
    communications_data = models.BooleanField(null=True)
    necessary = models.BooleanField(null=True)
    proportionate = models.BooleanField(null=True)
    prejudice_likely = models.BooleanField(null=True)
    valid = models.BooleanField(null=True)
    addressed_to_us = models.BooleanField(null=True)
    in_its_period = models.BooleanField(null=True)
    within_its_terms = models.BooleanField(null=True)
    privilege_excluded = models.BooleanField(null=True)
    excluded_material = models.BooleanField(null=True)
    basis = models.CharField(max_length=10, choices=Basis)
    exemption = models.CharField(max_length=10, choices=Exemption)
    compatibility = models.CharField(max_length=10, choices=Compatibility, blank=True)
    condition = models.CharField(max_length=10, choices=Condition, blank=True)
    purpose_note = SealedField()
    alternatives_note = SealedField()
    extent_note = SealedField()
    condition_note = SealedField()
    further_note = SealedField()
    necessity_note = SealedField()
    proportionality_note = SealedField()
    prejudice_note = SealedField()
    # The legitimate-interests assessment (DOMAIN C.7): purpose, necessity, balance, outcome.
    whose_interest = models.CharField(max_length=8, choices=Whose, blank=True)
    interest_note = SealedField()
    benefit_note = SealedField()
    recipient_note = SealedField()
    items_note = SealedField()
    anonymise_note = SealedField()
    expectations_note = SealedField()
    impact_note = SealedField()
    vulnerable_note = SealedField()
    objections_note = SealedField()
    safeguards_note = SealedField()
    keeping_note = SealedField()
    agreement_reference = SealedField()
    dpia_reference = SealedField()
    review_on = models.DateField(null=True)
    terms_note = SealedField()
    # The data protection officer is asked first: the basis is new to us, or somebody on the case disagrees (DOMAIN E.1).
    second_look = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["review_on", "id"], condition=Q(review_on__isnull=False), name="weighing_to_look_at"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["request", "round"], name="one_assessment_per_round"),
            models.CheckConstraint(
                name="voluntary_assessment_answers_all_ten",
                condition=Q(questions=1)
                | ~Q(tests=Tests.VOLUNTARY.value)
                | (
                    Q(
                        authentic__isnull=False,
                        purpose_lawful__isnull=False,
                        communications_data__isnull=False,
                        purpose_note__isnull=False,
                        alternatives_note__isnull=False,
                    )
                    & ~Q(compatibility="")
                ),
            ),
            models.CheckConstraint(
                name="interests_are_weighed_whole",
                condition=Q(questions__lt=3)
                | ~Q(tests=Tests.LEGITIMATE.value)
                | (
                    ~Q(whose_interest="")
                    & Q(review_on__isnull=False, alternatives_note__isnull=False)
                    & Q(**{f"{name}__isnull": False for name in WEIGHED_INTERESTS})
                ),
            ),
            models.CheckConstraint(
                name="condition_is_reasoned",
                condition=Q(condition__in=["", "NONE"]) | Q(condition_note__isnull=False),
            ),
            models.CheckConstraint(
                name="compulsory_assessment_asks_of_excluded_material",
                condition=Q(questions__lt=3)
                | ~Q(tests=Tests.COMPULSORY.value)
                | Q(excluded_material__isnull=False),
            ),
            models.CheckConstraint(
                name="assessment_answers_its_own_tests",
                condition=Q(
                    tests=Tests.VOLUNTARY.value,
                    necessary__isnull=False,
                    proportionate__isnull=False,
                    prejudice_likely__isnull=False,
                )
                | Q(
                    tests=Tests.LEGITIMATE.value,
                    necessary__isnull=False,
                    proportionate__isnull=False,
                    interest_note__isnull=False,
                )
                | Q(
                    tests=Tests.COMPULSORY.value,
                    valid__isnull=False,
                    addressed_to_us__isnull=False,
                    in_its_period__isnull=False,
                    within_its_terms__isnull=False,
                    privilege_excluded__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"assessment of round {self.round}"

    @property
    def supports_disclosure(self) -> bool:
        if self.tests == Tests.COMPULSORY:
            return bool(
                self.valid
                and self.addressed_to_us
                and self.in_its_period
                and self.within_its_terms
                and self.privilege_excluded
            )
        if self.tests == Tests.VOLUNTARY and self.questions > 1:
            law = self.authentic and self.purpose_lawful and not self.communications_data
            if not law or self.compatibility == self.Compatibility.NOT_COMPATIBLE:
                return False
        return bool(self.necessary and self.proportionate)


class Opinion(RequestPart):
    """Advice that was heard before a proposal: recorded, and open to being overridden with reasons.

    Officers write theirs themselves. Counsel's is written down by whoever asked, with `adviser` and the day of it.
    """

    class By(models.TextChoices):
        DPO = "DPO", "Data protection officer"
        MLRO = "MLRO", "Money laundering reporting officer"
        COUNSEL = "COUNSEL", "Company’s counsel"

    by_role = models.CharField(max_length=7, choices=By)
    adviser = SealedField()
    advised_on = models.DateField(null=True)
    in_favour = models.BooleanField()
    advice = SealedField()
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="opinion_has_words", condition=Q(advice__isnull=False)),
            models.CheckConstraint(
                name="counsel_is_named",
                condition=Q(by_role="COUNSEL", adviser__isnull=False, advised_on__isnull=False)
                | (~Q(by_role="COUNSEL") & Q(adviser__isnull=True, advised_on__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"opinion of the {self.by_role}"


class CourtApplication(RequestPart):
    """Legal has applied to the court about an order: POCA 2002 s.351, s.362, s.369 and s.375, or the court's own rules.

    Only added to: what the court said comes as a document or a new order.
    """

    class Wanted(models.TextChoices):
        DISCHARGE = "DISCHARGE", "To discharge it"
        VARY = "VARY", "To vary it"

    wanted = models.CharField(max_length=10, choices=Wanted)
    applied_on = models.DateField()
    court = SealedField()
    grounds = SealedField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="application_has_court_and_grounds",
                condition=Q(court__isnull=False, grounds__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"application of {self.applied_on}"


class ItemDecision(RequestPart):
    """What happens with one item of one subject: with their own part, and with what it shows of somebody else.

    `others` is empty where the item shows nobody else, or nothing of it is given.
    """

    class Decision(models.TextChoices):
        DISCLOSE = "DISCLOSE", "Disclose"
        WITHHOLD = "WITHHOLD", "Withhold"
        NOT_HELD = "NOT_HELD", "Not held"
        NEITHER = "NEITHER", "Neither confirm nor deny"

    class Others(models.TextChoices):
        """The other person's part: withheld, unless it was asked for and giving it is justified."""

        NOT_ASKED = "NOT_ASKED", "Left out: it was not asked for"
        WITHHOLD = "WITHHOLD", "Asked for and withheld"
        DISCLOSE = "DISCLOSE", "Asked for, justified and given"

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="decisions")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="decisions")
    decision = models.CharField(max_length=10, choices=Decision)
    refusal_code = models.CharField(max_length=10, blank=True)
    text = SealedField()
    reason = SealedField()
    others = models.CharField(max_length=10, choices=Others, blank=True)
    others_text = SealedField()
    others_reason = SealedField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # When an answer that gave it last left; a later round may decide otherwise, and it was given all the same.
    given_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "subject"], name="one_decision_per_item_and_subject"),
            models.CheckConstraint(
                name="withheld_for_a_reason",
                condition=(Q(decision="WITHHOLD") & ~Q(refusal_code=""))
                | (~Q(decision="WITHHOLD") & Q(refusal_code="")),
            ),
            models.CheckConstraint(
                name="disclosed_says_what", condition=~Q(decision="DISCLOSE") | Q(text__isnull=False)
            ),
            models.CheckConstraint(
                name="others_only_of_what_is_disclosed", condition=Q(others="") | Q(decision="DISCLOSE")
            ),
            models.CheckConstraint(
                name="others_are_given_for_a_reason",
                condition=~Q(others="DISCLOSE") | Q(others_text__isnull=False, others_reason__isnull=False),
            ),
            models.CheckConstraint(
                name="others_are_withheld_for_a_reason",
                condition=~Q(others="WITHHOLD") | Q(others_reason__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} item {self.item_id} of subject {self.subject_id}"

    def sealing_key(self) -> DataKey:
        return self.subject.data_key
