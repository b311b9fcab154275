"""Counting wrong sign-ins by (account, source), so that nobody can lock somebody else out from afar.

What is counted is a keyed digest of the e-mail address: neither the counters nor a log file says who it is.
The source is the address of the machine; of an IPv6 address the network of one subscriber, /64.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.http import HttpRequest

from .models import UsedCode, User

DIGEST_CHARACTERS = 32
IPV6_NETWORK = 64
LONGER_THAN_A_CODE_LIVES = timedelta(minutes=5)


def keyed_digest(kind: str, value: str) -> str:
    """The same value gives the same digest; nobody without AUDIT_SESSION_KEY gets from one to the other."""
    key, message = settings.AUDIT_SESSION_KEY.encode(), f"{kind}\0{value}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:DIGEST_CHARACTERS]


def account_of(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Which account a sign-in is for, as a digest. Called by axes."""
    given = credentials or request.POST
    typed = given.get("email") or given.get("login") or ""
    return keyed_digest("account", str(typed).strip().lower())


def source_of(request: HttpRequest) -> str | None:
    """Called by axes, for each request that signs in or out."""
    if not request.META.get("REMOTE_ADDR") and not request.META.get("HTTP_X_FORWARDED_FOR"):
        return None
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False).network_address)
    return str(address)


def is_locked_out(request: HttpRequest, user: User) -> bool:
    return bool(AxesProxyHandler.is_locked(request, {"email": user.email}))


def count_wrong_code(request: HttpRequest, user: User) -> None:
    AxesProxyHandler.user_login_failed(sender=__name__, credentials={"email": user.email}, request=request)


def is_first_use(user: User, code: str, now: datetime) -> bool:
    """Remembers the code, for all processes, for as long as it could be taken again."""
    UsedCode.objects.filter(user=user, used_at__lt=now - LONGER_THAN_A_CODE_LIVES).delete()
    plain = "".join(filter(str.isalnum, code)).upper()
    _, fresh = UsedCode.objects.get_or_create(
        user=user, digest=keyed_digest("code", plain), defaults={"used_at": now}
    )
    return fresh
