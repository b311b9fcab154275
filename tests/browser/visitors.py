"""People in front of a browser, signed in a moment ago."""

from collections.abc import Mapping

from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.conftest import code_of, enrol, give_code, give_password
from tests.accounts.software_key import add_key
from tests.world import PASSWORD


class Visitors:
    """Whoever is asked for, signed in a moment ago."""

    def __init__(self, people: Mapping[str, User]) -> None:
        self.people = people
        self.clients: dict[str | None, Client] = {None: Client()}

    def __getitem__(self, who: str | None) -> Client:
        if who not in self.clients:
            self.clients[who] = self._come_in(str(who))
        return self.clients[who]

    def _come_in(self, who: str) -> Client:
        """`fresh` has no second factor yet; `half` has given the password and is asked for the code."""
        client, person = Client(), self.people["clerk" if who == "half" else who]
        if who != "fresh" and not Authenticator.objects.filter(user=person).exists():
            enrol(person)
        give_password(client, person, password=PASSWORD)
        if who not in {"fresh", "half"}:
            give_code(client, code_of(person))
        if who == "passkey":
            add_key(client)
        if who == "all_roles":
            client.post(reverse("mfa_generate_recovery_codes"))
        return client
