"""The forms that ask for the second factor: no guessing on after the lock-out, and no code twice."""

import struct
from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature
from django import forms
from django.forms.fields import InvalidJSONInput
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


# What the library lets through when the browser's answer is not one, or is signed by somebody else.
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, struct.error, InvalidSignature)
NO_ANSWER = "The passkey did not answer. Press the button and follow what the browser asks."


class AnswerField(forms.JSONField):
    """What is no JSON, too deep for it, or holds a number longer than Python reads, is the same wrong answer."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return InvalidJSONInput(data)


ANSWER = partial(AnswerField, error_messages={"required": NO_ANSWER, "invalid": NO_ANSWER})


class PasskeyForm(AuthenticateWebAuthnForm):
    """A passkey's answer. One that does not fit counts like a wrong code."""

    credential = ANSWER()

    def clean_credential(self) -> Authenticator:
        if is_locked_out(context.request, self.user):
            context.request.axes_locked_out = True
            raise account_adapter().validation_error("too_many_login_attempts")
        try:
            answered: Authenticator = super().clean_credential()
        except (forms.ValidationError, *MALFORMED):
            authentication_failed.send(
                sender=Authenticator,
                request=context.request,
                user=self.user,
                authenticator=None,
                reauthentication=self.reauthenticated,
            )
            raise forms.ValidationError(
                "This passkey did not answer for this account. Try again, or use a code."
            ) from None
        return answered


class ConfirmByPasskeyForm(PasskeyForm, ReauthenticateWebAuthnForm):
    pass


class NewPasskeyForm(AddWebAuthnForm):
    name = forms.CharField(
        label="A name for it",
        required=False,
        max_length=60,
        help_text="So that you know it again, for example: work telephone.",
    )
    credential = ANSWER()

    def clean(self) -> dict[str, Any]:
        try:
            given: dict[str, Any] = super().clean()
        except (forms.ValidationError, *MALFORMED):
            raise forms.ValidationError(NO_ANSWER) from None
        return given


class PasskeyNameForm(EditWebAuthnForm):
    name = forms.CharField(
        label="Name", max_length=60, error_messages={"required": "Give the passkey a name."}
    )
