"""The forms that ask for the second factor: no guessing on after the lock-out, and no code twice."""

from allauth.account.adapter import get_adapter as account_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from django.utils import timezone

from .lockout import is_first_use, is_locked_out


class OnceOnlyForm(BaseAuthenticateForm):
    def clean_code(self) -> str:
        if is_locked_out(context.request, self.user):
            context.request.axes_locked_out = True
            raise account_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()
        if not is_first_use(self.user, code, timezone.now()):
            self._emit_authentication_failed(self.authenticator)
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(OnceOnlyForm, AuthenticateForm):
    pass


class ConfirmAgainForm(OnceOnlyForm, ReauthenticateForm):
    pass
