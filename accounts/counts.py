"""Counters of minutes; `rates.py` counts with them."""

from django.db import models


class UseCount(models.Model):
    """How often somebody, as a digest, did something of this kind since `began_at`; one row, counted up or anew."""

    kind = models.CharField(max_length=16)
    who = models.CharField(max_length=32)
    began_at = models.DateTimeField()
    times = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "who"], name="one_count_for_each_kind_of_use")]

    def __str__(self) -> str:
        return f"{self.kind} {self.times}"
