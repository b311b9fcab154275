"""A desk with everybody in office."""

import pytest

from tests.services.raw_desk import desk, raw, role
from tests.world import World, make_world

__all__ = ["desk", "raw", "role", "world"]


@pytest.fixture
def world(db: None) -> World:
    return make_world()
