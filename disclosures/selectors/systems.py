"""The systems register, as it stands and as it stood."""

from ..models import HeldSystem, SystemVersion
from .doors import NotThere


def all_systems() -> list[HeldSystem]:
    """Those in use first."""
    return list(HeldSystem.objects.order_by("-is_active", "name", "id"))


def system_by_code(code: str) -> HeldSystem:
    """Raises NotThere."""
    found = HeldSystem.objects.filter(code=code).first()
    if found is None:
        raise NotThere
    return found


def versions_of_system(system: HeldSystem) -> list[SystemVersion]:
    """The newest first."""
    return list(SystemVersion.objects.filter(system=system).select_related("by").order_by("-number"))
