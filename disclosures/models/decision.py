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


class Assessment(RequestPart):
    """The tests of the instrument: one answer each round, the latest counts.

    `tests` says which questions were answered: those of a voluntary request (DOMAIN B.5; UK GDPR
    Articles 5 and 6), of a compulsory one, or of a legitimate interest (Article 6(1)(f)).
    """

    class Basis(models.TextChoices):
        CRIME = "EA_CRIME", "Recognised legitimate interest: crime (UK GDPR Article 6(1)(ea), Annex 1)"
        LEGITIMATE = "F", "Legitimate interests (UK GDPR Article 6(1)(f))"
        VITAL = "D", "Vital interests (UK GDPR Article 6(1)(d))"
        OBLIGATION = "C", "Legal obligation (UK GDPR Article 6(1)(c))"

    class Exemption(models.TextChoices):
        CRIME = "SCH2_2", "Data Protection Act 2018, Schedule 2, paragraph 2 (crime)"
        REQUIRED = "SCH2_5", "Data Protection Act 2018, Schedule 2, paragraph 5 (required by law)"
        NONE = "NONE", "No exemption relied on"

    round = models.PositiveSmallIntegerField()
    tests = models.CharField(
        max_length=10, choices=[(t.value, t.value) for t in Tests], default=Tests.VOLUNTARY.value
    )
    necessary = models.BooleanField(null=True)
    proportionate = models.BooleanField(null=True)
    prejudice_likely = models.BooleanField(null=True)
    valid = models.BooleanField(null=True)
    addressed_to_us = models.BooleanField(null=True)
    in_its_period = models.BooleanField(null=True)
    within_its_terms = models.BooleanField(null=True)
    privilege_excluded = models.BooleanField(null=True)
    basis = models.CharField(max_length=10, choices=Basis)
    exemption = models.CharField(max_length=10, choices=Exemption)
    necessity_note = SealedField()
    proportionality_note = SealedField()
    prejudice_note = SealedField()
    interest_note = SealedField()
    terms_note = SealedField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "round"], name="one_assessment_per_round"),
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
        return bool(self.necessary and self.proportionate)


class Opinion(RequestPart):
    """Advice that must be heard before a proposal: recorded, and open to being overridden with reasons."""

    class By(models.TextChoices):
        DPO = "DPO", "Data protection officer"
        MLRO = "MLRO", "Money laundering reporting officer"

    by_role = models.CharField(max_length=4, choices=By)
    in_favour = models.BooleanField()
    advice = SealedField()
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(name="opinion_has_words", condition=Q(advice__isnull=False))]

    def __str__(self) -> str:
        return f"opinion of the {self.by_role}"


class ItemDecision(RequestPart):
    """What happens with one item of one subject."""

    class Decision(models.TextChoices):
        DISCLOSE = "DISCLOSE", "Disclose"
        WITHHOLD = "WITHHOLD", "Withhold"
        NOT_HELD = "NOT_HELD", "Not held"

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="decisions")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="decisions")
    decision = models.CharField(max_length=10, choices=Decision)
    refusal_code = models.CharField(max_length=10, blank=True)
    text = SealedField()
    reason = SealedField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

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
        ]

    def __str__(self) -> str:
        return f"{self.decision} item {self.item_id} of subject {self.subject_id}"

    def sealing_key(self) -> DataKey:
        return self.subject.data_key
