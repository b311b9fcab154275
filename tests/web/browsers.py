"""A signed-in browser for anybody; how signing in is done, tests/accounts shows."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import User
from accounts.services import add_second_factor
from tests.signed_in import just_signed_in
from tests.web.conftest import SECRET


def browser_for(user: User, now: datetime) -> Client:
    if not Authenticator.objects.filter(user=user).exists():
        add_second_factor(user_id=user.pk, secret=SECRET, actor=None, now=now)
    return just_signed_in(user)
