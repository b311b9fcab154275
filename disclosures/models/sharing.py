"""What lets something be passed on besides the decision itself: the rules of the scheme that it came under."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

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
