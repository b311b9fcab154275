"""What the log's page is told of people: who may read it, and whose name stands behind a reference."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q
from django.http import HttpRequest

from audit.entries import SYSTEM, Actor

from .models import User
from .rates import count_use
from .roles import Role
from .selectors import controller, holders, roles_of
from .step_up import need_fresh_proof

MOST_NAMESAKES = 8


class LogReaders:
    def may_read(self, user: AbstractBaseUser, now: datetime) -> bool:
        return isinstance(user, User) and Role.AUDITOR in roles_of(user, now)

    def may_clear(self, user: AbstractBaseUser, now: datetime) -> bool:
        return isinstance(user, User) and Role.HEAD_OF_LEGAL in roles_of(user, now)

    def readers(self, now: datetime) -> Mapping[str, str]:
        found = holders(controller(), Role.AUDITOR, now).order_by("display_name")
        return dict(found.values_list("ref", "display_name"))

    def actor(self, user: AbstractBaseUser) -> Actor:
        return Actor(user.ref) if isinstance(user, User) else SYSTEM

    def find(self, text: str) -> Mapping[str, str]:
        found = User.objects.filter(Q(ref=text) | Q(display_name__icontains=text)).order_by("display_name")
        return dict(found.values_list("ref", "display_name")[:MOST_NAMESAKES])

    def names(self, refs: Iterable[str]) -> Mapping[str, str]:
        return dict(User.objects.filter(ref__in=refs).values_list("ref", "display_name"))

    def count_use(self, request: HttpRequest, kind: str) -> None:
        count_use(request, kind)

    def need_fresh_proof(self, request: HttpRequest, back: str) -> None:
        need_fresh_proof(request, back=back)
