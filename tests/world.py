"""The demo's people and road, as tests use them: a desk with everybody in office, and a request in any state."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.models import Organisation, User
from accounts.roles import Role
from accounts.services import grant_membership
from disclosures import demo
from disclosures.models import Request
from disclosures.states import State

PASSWORD = "correct horse battery staple"


def now() -> datetime:
    """The present: the database refuses entries dated otherwise, so worlds live today."""
    return datetime.now(UTC)


@dataclass
class World:
    company: Organisation
    police: Organisation
    people: dict[str, User]
    now: datetime
    made: int = 0

    def __getitem__(self, key: str) -> User:
        return self.people[key]

    def road(self) -> demo.Road:
        self.made += 1
        return demo.Road(self.people, self.police, self.now, number=self.made)

    def request_in(self, state: State) -> Request:
        """A new request that walked the services' road to `state`."""
        return self.road().to(state)

    def give(self, key: str, role: str) -> None:
        """One more role for somebody, from an hour ago."""
        grant_membership(
            user=self.people[key],
            organisation=self.company,
            role=role,
            valid_from=self.now - timedelta(hours=1),
            valid_until=None,
            actor=None,
            now=self.now,
        )

    def somebody(self, role: Role) -> User:
        key = next(person.key for person in demo.PEOPLE if role in person.roles)
        return self.people[key]


def make_world() -> World:
    moment = now()
    company, police, people = demo.make_desk(now=moment, password=PASSWORD)
    return World(company=company, police=police, people=people, now=moment)
