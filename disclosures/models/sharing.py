"""What lets something be passed on besides the decision itself: a scheme's rules, and the notice that the law wants first."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from sealing.fields import SealedField

from .item import Item
from .request import RequestPart


class SchemePermission(RequestPart):
    """Legal's answer whether an item from another body's scheme may be passed on; the latest of an item counts.

    What searches at credit reference, insurance claims and fraud prevention bodies gave comes under the rules of their
    schemes (DOMAIN C.5). An order binds whatever these say, and is then itself the ground.
    """

    class Ground(models.TextChoices):
        SCHEME = "SCHEME", "The scheme’s own rules"
        ORDER = "ORDER", "The order or notice, which binds whatever the rules say"

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=6, choices=Ground)
    allowed = models.BooleanField()
    scheme = SealedField()
    rule = SealedField()
    checker = SealedField()
    checked_on = models.DateField()
    until = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="permission_says_of_what_and_by_whom",
                condition=Q(scheme__isnull=False, rule__isnull=False, checker__isnull=False),
            ),
            models.CheckConstraint(
                name="permission_ends_after_it_was_checked",
                condition=Q(until=None) | Q(until__gte=F("checked_on")),
            ),
            models.CheckConstraint(
                name="an_order_as_ground_allows", condition=~Q(ground="ORDER") | Q(allowed=True)
            ),
        ]

    def __str__(self) -> str:
        return f"permission for item {self.item_id}"


class AgencyNotice(RequestPart):
    """What the National Crime Agency was told of sharing in the regulated sector: POCA 2002 s.339ZB to 339ZG, TACT 2000
    s.21CA to 21CF. The latest notification counts; a report ends the matter.

    `report_by`: the last day the agency set for the joint disclosure report, where it set one.
    """

    class What(models.TextChoices):
        NOTIFICATION = "NOTIFICATION", "The agency was notified that something would be shared"
        REPORT = "REPORT", "The joint disclosure report was made"
        NO_REPORT = "NO_REPORT", "The agency was told that there will be no joint report"

    what = models.CharField(max_length=12, choices=What)
    on = models.DateField()
    reference = SealedField()
    by_whom = SealedField()
    report_by = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="agency_notice_has_its_reference",
                condition=Q(reference__isnull=False, by_whom__isnull=False),
            ),
            models.CheckConstraint(
                name="only_a_notification_sets_a_period",
                condition=Q(report_by=None) | Q(what="NOTIFICATION", report_by__gte=F("on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.on}"


class PartnerConsent(RequestPart):
    """The company's own consent that a partner may approach these people directly (policy S22); the latest counts.

    Beside it each person's consent names the partner, in the register of preferences.
    """

    partner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    given = models.BooleanField()
    given_on = models.DateField()
    until = models.DateField(null=True)
    reference = SealedField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="partner_consent_has_its_reference", condition=Q(reference__isnull=False)
            ),
            models.CheckConstraint(
                name="partner_consent_ends_after_it_began",
                condition=Q(until=None) | Q(until__gte=F("given_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"consent to partner {self.partner_id}"
