"""Where allauth asks us: nobody registers themselves, passwords change by a service, secrets are sealed."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from . import second_factors, services
from .step_up import newest_proof


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, *_: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only this site itself, by the scheme in use."""
        request = context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        services.change_password(user_id=user.pk, password=password)
        user.refresh_from_db()

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """Whoever has a second factor confirms by it; the password alone is not enough."""
        methods = super().get_reauthentication_methods(user)
        by_second_factor = [method for method in methods if method["id"].startswith("mfa")]
        return by_second_factor or methods

    def is_reauthentication_required(self, **_: Any) -> bool:
        """Not within minutes of a proof by the strongest means the person has, sign-in included."""
        proved_at = newest_proof(self.request)
        return proved_at is None or time.time() - proved_at > app_settings.REAUTHENTICATION_TIMEOUT


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of second factors are sealed under the master key."""

    def encrypt(self, text: str) -> str:
        return second_factors.seal(text)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        return f"Passkey {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"

    def decrypt(self, encrypted_text: str) -> str:
        return second_factors.unseal(encrypted_text)
