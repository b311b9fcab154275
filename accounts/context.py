"""What the frame of every page needs: who is signed in, and as what."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from .models import Membership, Organisation, User
from .roles import Role


@dataclass(frozen=True)
class Me:
    """Roles are those in the controller; `titles` are the words for all that the person is, anywhere."""

    name: str
    roles: frozenset[Role]
    titles: tuple[str, ...]
    organisation: str

    @property
    def may_record(self) -> bool:
        return Role.INTAKE_CLERK in self.roles


def frame(request: HttpRequest) -> dict[str, Any]:
    """How the page looks, by this reader's cookies; `me`, read with one query when a template first asks for it."""
    look = {name: request.COOKIES.get(settings.COOKIE_PREFIX + name, "") for name in ("theme", "shortcuts")}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"look": look}
    idle = settings.SESSION_IDLE_MINUTES * 60
    return {"look": look, "me": SimpleLazyObject(lambda: _me(user)), "idle_seconds": idle}


def _me(user: User) -> Me:
    held = Membership.objects.valid_at(timezone.now()).filter(user=user)
    rows = list(held.values_list("role", "organisation__kind", "organisation__name").order_by("role"))
    return Me(
        name=user.display_name,
        roles=frozenset(Role(role) for role, kind, _ in rows if kind == Organisation.Kind.CONTROLLER),
        titles=tuple(Role(role).label for role, _, _ in rows),
        organisation=rows[0][2] if rows else "",
    )
