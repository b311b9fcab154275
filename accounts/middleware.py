"""Nothing is done before the password is one's own and the second factor is set up."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from . import rates, session_limits, step_up

OWN_SECRET_PAGE = "account_change_password"  # noqa: S105  an address
ENROLMENT_PAGE = "mfa_activate_totp"
ALWAYS_OPEN = frozenset({"account_login", "account_logout", "account_reauthenticate"})


class SessionLimitsMiddleware:
    """Ends a session that is over, before anything is done in its name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if user.is_authenticated:
            if why := session_limits.why_over(request):
                session_limits.end(request, why)
                request.was_signed_in = (user, why)  # type: ignore[attr-defined]  # for the answer below
            else:
                session_limits.note(request)
        response = self.get_response(request)
        if user.is_authenticated and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponseBase | None:
        page = request.resolver_match.view_name if request.resolver_match else ""
        if page in ALWAYS_OPEN or not hasattr(request, "was_signed_in"):
            return None
        return session_limits.to_the_sign_in(request, *request.was_signed_in)


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponseBase | None:
        page = request.resolver_match.view_name if request.resolver_match else ""
        if page in ALWAYS_OPEN or not request.user.is_authenticated:
            return None
        if request.user.password_is_temporary:
            return None if page == OWN_SECRET_PAGE else redirect(OWN_SECRET_PAGE)
        if settings.MFA_REQUIRED and not is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):
            return None if page == ENROLMENT_PAGE else redirect(ENROLMENT_PAGE)
        step_up.take_up(request, request.user)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if isinstance(exception, step_up.ProofNeeded) and request.user.is_authenticated:
            return step_up.ask(request, request.user, exception.about)
        if isinstance(exception, rates.TooMany):
            return rates.too_many(request, exception.seconds)
        return None
