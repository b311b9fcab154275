"""A desk with everybody in office, and a browser for each person."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import add_second_factor
from tests.signed_in import just_signed_in
from tests.world import World, make_world

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def browser_of(world: World) -> Callable[[str], Client]:
    """Signed in with a second factor, whoever the key names; how that is done, tests/accounts shows."""
    known: dict[str, Client] = {}

    def browser(key: str) -> Client:
        if key not in known:
            user: User = world[key]
            add_second_factor(user_id=user.pk, secret=SECRET, actor=None, now=world.now)
            known[key] = just_signed_in(user)
        return known[key]

    return browser
