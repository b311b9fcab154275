"""The pages cost the same number of queries at 20, 200 and 5,000 requests, on the first page and the last."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from disclosures.models import Request
from disclosures.services.access import assign_request
from disclosures.states import State
from tests.conftest import Database
from tests.crowd import copy_request
from tests.web.browsers import browser_for
from tests.world import make_world

SIZES = (20, 200, 5_000)
# Session, person and roles; then the page's own. A number here changes only on purpose.
# One of them everywhere: how many notices are unread.
QUERIES = {"/queue/": 16, "/queue/due/": 11, "/queue/team/": 11, "/requests/": 11, "/requests/REFERENCE/": 54}


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.committed
def test_the_number_of_queries_does_not_grow(committed_db: Database) -> None:
    world = make_world()
    request = world.request_in(State.IN_REVIEW)
    mine = world.request_in(State.IN_REVIEW)
    assign_request(request_id=mine.pk, assignee=world["handler"], actor=world["lead"], now=world.now)
    client = browser_for(world["handler"], world.now)
    pages = {page: page.replace("REFERENCE", request.reference) for page in QUERIES}
    for address in pages.values():
        client.get(address)
    counted: dict[int, dict[str, int]] = {}
    there = 0
    for size in SIZES:
        copy_request(committed_db, request, after=there, upto=size - 2)
        there = size - 2
        assert Request.objects.count() == size
        counted[size] = {page: queries(client, address) for page, address in pages.items()}
    assert counted == dict.fromkeys(SIZES, QUERIES)
    deep = _last_page(client)
    assert queries(client, deep) == QUERIES["/queue/team/"] + 3, (
        "a cursor asks once who may see it, and its age"
    )


def _last_page(client: Client) -> str:
    """The address of the page after the last but one, by the links people press."""
    address, met = "/queue/team/", 0
    while True:
        body = client.get(address).content.decode()
        met += body.count('class="row-link')
        link = re.search(r'href="(\?[^"]+)" rel="next"', body)
        if link is None:
            assert met == max(SIZES)
            assert 'rel="prev"' in body
            return address
        address = "/queue/team/" + link[1].replace("&amp;", "&")
