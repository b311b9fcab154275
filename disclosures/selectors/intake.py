"""What the intake pages offer to choose from."""

from django.db.models import Q

from accounts.models import Organisation

from ..models import Request, Subject

BODIES = (
    Organisation.Kind.POLICE_FORCE,
    Organisation.Kind.AGENCY,
    Organisation.Kind.COURT,
    Organisation.Kind.GROUP_COMPANY,
)


def bodies_that_ring() -> list[Organisation]:
    """Those that may ask by word of mouth where a life is at risk."""
    kinds = (Organisation.Kind.POLICE_FORCE, Organisation.Kind.AGENCY)
    return list(Organisation.objects.filter(is_active=True, kind__in=kinds).order_by("name", "id"))


def bodies_that_ask(kept: int | None = None) -> list[Organisation]:
    """Police forces, agencies, courts and companies of the group, by name; also the one a request already names."""
    known = Organisation.objects.filter(Q(is_active=True) | Q(pk=kept), kind__in=BODIES)
    return list(known.order_by("name", "id"))


def people_count(request: Request) -> int:
    return Subject.objects.filter(request=request).count()
