"""How the pages are for this reader, kept in cookies so that the server can set it without a script."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

# Any other choice means: as the reader's computer has it, and with the keys.
CHOICES: Mapping[str, frozenset[str]] = {
    "theme": frozenset({"light", "dark"}),
    "shortcuts": frozenset({"off"}),
}
A_YEAR = 365 * 24 * 3600


@require_POST
def set_theme(request: HttpRequest) -> HttpResponseRedirect:
    """Sets whichever of the choices came, light or dark, keys of one letter or none (WCAG 2.1.4)."""
    here = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(here, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(here if safe else "/")
    for cookie, choices in CHOICES.items():
        chosen = request.POST.get(cookie)
        name, secure = settings.COOKIE_PREFIX + cookie, settings.SESSION_COOKIE_SECURE
        if chosen in choices:
            response.set_cookie(name, chosen, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
        elif chosen is not None:
            response.delete_cookie(name, samesite="Lax")
    return response
