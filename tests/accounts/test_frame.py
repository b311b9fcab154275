"""What the frame of every page knows of the person, and what it costs."""

from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.context import frame
from accounts.models import User
from accounts.roles import Role

from .conftest import Desk, give_password


def frame_of(user: User | AnonymousUser) -> dict[str, object]:
    request = RequestFactory().get("/")
    request.user = user
    return frame(request)


def test_the_frame_knows_name_roles_and_company_with_one_query(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bob = desk.person("Bob", Role.HANDLER, Role.INTAKE_CLERK)
    template = Template("{{ me.name }} {{ me.titles|join:',' }} {{ me.organisation }} {{ me.may_record }}")
    with django_assert_num_queries(1):
        said = template.render(Context(frame_of(bob)))
    assert said == "Bob Handler,Intake clerk Desk Ltd True"


def test_a_page_that_does_not_ask_pays_nothing(
    desk: Desk, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        frame_of(desk.admin)


def test_of_the_anonymous_the_frame_knows_how_their_page_looks_and_nothing_else() -> None:
    assert frame_of(AnonymousUser()) == {"look": {"theme": "", "shortcuts": ""}}


def test_a_companys_own_person_has_a_title_but_no_role_of_the_desk(desk: Desk) -> None:
    eve = desk.person("Eve")
    desk.give(eve, Role.GROUP_SUBMITTER, desk.other_company())
    me = frame_of(eve)["me"]
    assert (me.organisation, me.titles, me.roles) == ("Sister Ltd", ("Group company submitter",), frozenset())  # type: ignore[attr-defined]
    assert not me.may_record  # type: ignore[attr-defined]


def test_where_it_is_not_required_people_work_without_a_second_factor(
    desk: Desk, client: Client, settings: Settings
) -> None:
    settings.MFA_REQUIRED = False
    give_password(client, desk.admin)
    assert client.get("/account/2fa/").status_code == 200
