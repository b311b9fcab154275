"""One thing that is asked for, over a period."""

from django.db import models
from django.db.models import F, Q

from sealing.fields import SealedField

from ..catalogue import ITEM_TYPES, ItemType
from ..catalogue.policy_registers import CATEGORIES
from .request import RequestPart


class Item(RequestPart):
    position = models.PositiveSmallIntegerField()
    item_type = models.CharField(max_length=30)
    detail = SealedField()
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="one_item_per_position"),
            models.CheckConstraint(
                name="period_runs_forward",
                condition=Q(period_from=None) | Q(period_to=None) | Q(period_to__gte=F("period_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.position}"

    @property
    def catalogued(self) -> ItemType:
        return ITEM_TYPES[self.item_type]

    @property
    def is_from_a_scheme(self) -> bool:
        """Whether the rules of another body's scheme may forbid passing it on (DOMAIN C.5)."""
        return CATEGORIES[self.catalogued.category].restricted
