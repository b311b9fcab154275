"""The demonstration: fictitious people and requests. Refused by any database the launcher did not make."""

import base64
import hashlib
import hmac
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import User
from accounts.services import add_second_factor, put_on_call
from cpdisclose.local.guard import demo_database_guard

from ...demo import OUTSIDER, PEOPLE, make_desk
from ...demo_cleared import clear_somebody
from ...demo_kinds import programme

REQUESTS = 200


def derived(name: str) -> bytes:
    """Demo secrets follow from the installation's own secret, so they need no file and differ everywhere."""
    return hmac.new(settings.SECRET_KEY.encode(), f"demo {name}".encode(), hashlib.sha256).digest()


def demo_password() -> str:
    letters = base64.b32encode(derived("password")).decode().lower()
    return f"{letters[:5]}-{letters[5:10]}-{letters[10:15]}"


def demo_totp_secret(email: str) -> str:
    return base64.b32encode(derived(f"totp {email}")[:20]).decode()


class Command(BaseCommand):
    help = "Seeds the demonstration, once, or prints its sign-ins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--requests",
            type=int,
            default=REQUESTS,
            help="how many requests; every kind and state comes first",
        )
        parser.add_argument(
            "--print-signins", action="store_true", help="seed nothing; print who can sign in"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        demo_database_guard()
        if not options["print_signins"] and not User.objects.exists():
            self._seed(options["requests"])
        if options["print_signins"]:
            self._print()

    def _seed(self, count: int) -> None:
        now = timezone.now()
        _, police, people = make_desk(now=now, password=demo_password())
        for user in people.values():
            add_second_factor(user_id=user.pk, secret=demo_totp_secret(user.email), actor=None, now=now)
        put_on_call(user=people["approver"], position=1, phone="01632 960901", actor=people["head"], now=now)
        put_on_call(user=people["second"], position=2, phone="01632 960902", actor=people["head"], now=now)
        clear_somebody(people, now)
        for number, (kind, state, age) in enumerate(programme(count), start=1):
            road = kind(people, police, now, number=number)
            road.age = age
            road.to(state)
        self.stdout.write(f"{len(people)} people and {count} requests, all fictitious.")

    def _print(self) -> None:
        self.stdout.write(f"Password of everybody: {demo_password()}")
        for person in (*PEOPLE, OUTSIDER):
            roles = ", ".join(role.label for role in person.roles)
            self.stdout.write(
                f"  {person.email:<22} {roles:<36} authenticator key {demo_totp_secret(person.email)}"
            )
        self.stdout.write("The code of the second factor: script/manage totp E-MAIL")
