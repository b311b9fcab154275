"""A restricted case changes nothing that an uncleared person can observe: on no page, for nobody, at no point of its life."""

import pytest
from pytest_django import DjangoDbBlocker

from .conftest import SeenWithout, Worlds
from .life import POINTS
from .routes import ROUTES, addresses
from .watching import Watcher, leaks, report


def test_every_address_of_the_site_is_in_the_list() -> None:
    known = set(addresses())
    assert set(ROUTES) == known, f"not looked at: {known - set(ROUTES)}; no more there: {set(ROUTES) - known}"
    assert all(ROUTES.values())


@pytest.mark.parametrize("point", [point for point, _ in POINTS])
def test_nobody_uncleared_sees_a_difference(
    worlds: Worlds,
    watcher: Watcher,
    seen_without: SeenWithout,
    django_db_blocker: DjangoDbBlocker,
    point: str,
) -> None:
    """By the sharpest while it lives, by everybody once it has lived: what came before is still there then."""
    world = worlds.at[point]
    asked = worlds.asked if world is worlds.last else worlds.asked_by_the_sharp
    wanted = [pair for route in ROUTES for pair in asked(route)]
    with django_db_blocker.unblock():
        without, seen = seen_without(wanted), watcher.look(world, wanted)
    found = leaks(without, seen)
    assert not found, report(found)
    # 503 is what /readyz says of promises that wait: hours have passed for them, in both worlds.
    assert not {str(ask) for (_, ask), answer in seen.items() if answer.status == 500}
    people, routes = {who for who, _ in seen}, {ask.route for _, ask in seen}
    assert routes == set(addresses())
    assert world is not worlds.last or people == set(worlds.public.observers)
    print(f"{len(seen)} answers of {len(routes)} addresses, to {len(people)} people")
