"""Who acts: people, the organisations they act for, and the dated roles that let them."""

import secrets
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import Group, PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower

from sealing.models import DataKey

from .counts import UseCount as UseCount
from .roles import Role

NUMBER_AND_SOURCE = (
    "A switchboard number is kept together with where it was found and the day it was read there. "
    "Take it from an independent source, never from a request; or leave all three empty."
)
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def opaque(prefix: str) -> str:
    """A random outside name: nothing sequential tells how many there are."""
    return prefix + "_" + "".join(secrets.choice(ALPHABET) for _ in range(12))


def user_ref() -> str:
    return opaque("u")


def organisation_ref() -> str:
    return opaque("o")


def membership_ref() -> str:
    return opaque("m")


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """One person who can sign in. `ref` is the opaque name by which the log knows them."""

    ref = models.CharField(max_length=20, unique=True, default=user_ref, editable=False)
    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    password_is_temporary = models.BooleanField(default=False, help_text="To be changed at the next sign-in.")
    data_key = models.OneToOneField(DataKey, on_delete=models.PROTECT, related_name="+", editable=False)
    joined_at = models.DateTimeField()
    last_login = None  # the log has it; a column would change unaudited
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]
    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_email_is_lower_case", condition=Q(email=Lower("email"))),
        ]

    def __str__(self) -> str:
        return self.display_name

    def check_password(self, raw_password: str | None) -> bool:
        """Never re-hashes on the way, as Django's does: the log's objects change by a service alone."""
        return check_password(raw_password, self.password)


class UsedCode(models.Model):
    """A one-time code that was used minutes ago, as a digest: no process takes it a second time."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=32)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="a_code_is_used_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.used_at}"


class Organisation(models.Model):
    """The controller itself, a group company, a police force, an agency or a court."""

    class Kind(models.TextChoices):
        CONTROLLER = "CONTROLLER", "The controller"
        GROUP_COMPANY = "GROUP_COMPANY", "Group company"
        PARTNER = "PARTNER", "Partner"
        POLICE_FORCE = "POLICE_FORCE", "Police force"
        AGENCY = "AGENCY", "Agency"
        COURT = "COURT", "Court"

    class Nation(models.TextChoices):
        ENGLAND_WALES = "EW", "England and Wales"
        SCOTLAND = "SC", "Scotland"
        NORTHERN_IRELAND = "NI", "Northern Ireland"
        UK_WIDE = "UK", "The whole United Kingdom"
        ABROAD = "XX", "Outside the United Kingdom"

    ref = models.CharField(max_length=20, unique=True, default=organisation_ref, editable=False)
    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=20, choices=Kind)
    nation = models.CharField(max_length=2, choices=Nation)
    switchboard = models.CharField(max_length=40, blank=True, help_text="The number call-backs go to.")
    switchboard_source = models.CharField(
        max_length=200, blank=True, help_text="Where that number was found."
    )
    switchboard_checked_on = models.DateField(
        null=True, blank=True, help_text="The day on which it was read there."
    )
    may_use = models.JSONField(
        default=list,
        blank=True,
        help_text="Kinds of request it may make (P, A) and O for what goes to legal.",
    )
    delivered_version = models.PositiveIntegerField(
        null=True,
        editable=False,
        help_text="The version as the product delivered it; another one was edited here.",
    )
    is_active = models.BooleanField(default=True)
    needs_verification = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="CONTROLLER"), name="one_controller"),
            models.CheckConstraint(
                name="a_number_was_found_before_it_was_dated",
                condition=Q(switchboard_checked_on=None) | (~Q(switchboard="") & ~Q(switchboard_source="")),
                violation_error_message=NUMBER_AND_SOURCE,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def can_be_rung(self) -> bool:
        """Whether a call-back has a number that somebody found elsewhere than on a form."""
        return bool(self.switchboard and self.switchboard_source and self.switchboard_checked_on)


class CompanyProfile(models.Model):
    """What the law makes of the controller; asked once, at set-up."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="profile")
    is_telecoms_operator = models.BooleanField(help_text="Provides a telecommunications service.")
    is_regulated_sector = models.BooleanField(help_text="In the regulated sector for money laundering.")
    is_financial_institution = models.BooleanField(help_text="Holds accounts as a bank or the like does.")
    mlro_is_stand_in = models.BooleanField(
        help_text="The company has no money laundering reporting officer; a named person stands in."
    )
    lone_release_allowed = models.BooleanField(
        default=True,
        help_text="When nobody on call answers, one approver may make an emergency release alone.",
    )

    def __str__(self) -> str:
        return f"profile of {self.organisation_id}"


class OrganisationAlias(models.Model):
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=160)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="alias_once")]

    def __str__(self) -> str:
        return self.name


class OrganisationDomain(models.Model):
    """A mail domain of an organisation; a match is necessary evidence and never sufficient."""

    class Certainty(models.TextChoices):
        HIGH = "H", "Seen in an official source"
        MEDIUM = "M", "One source"
        LOW = "L", "A guess"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="domains")
    domain = models.CharField(max_length=120)
    certainty = models.CharField(max_length=1, choices=Certainty)
    legacy = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "domain"], name="domain_once")]

    def __str__(self) -> str:
        return self.domain


class Relationship(models.Model):
    """One line of the ownership register: who held what in whom, from one day to another (until is the last day).

    Control is by the tests of the Companies Act 2006, s.1159 and s.1162. Chains and fellow subsidiaries are
    worked out from the lines (`holdings`). A minority stake, a joint venture, a franchise or a partner may
    stand here too, to show that it was looked at: it makes nobody related.
    """

    class Test(models.TextChoices):
        VOTES = "1159_VOTES", "Majority of the votes (s.1159(1)(a))"
        BOARD = "1159_BOARD", "Member with the right to appoint the board's majority (s.1159(1)(b))"
        AGREEMENT = "1159_AGREEMENT", "Member that controls the majority by agreement (s.1159(1)(c))"
        INFLUENCE = "1162_INFLUENCE", "Dominant influence (s.1162(2)(c), (4)(a))"
        UNIFIED = "1162_UNIFIED", "Managed on a unified basis (s.1162(4)(b))"
        MINORITY = "MINORITY", "Minority stake: no control"
        VENTURE = "JOINT_VENTURE", "Joint venture: no control"
        FRANCHISE = "FRANCHISE", "Franchise: no control"
        PARTNER = "PARTNER", "Partner by agreement: no control"

    CONTROL = frozenset({"1159_VOTES", "1159_BOARD", "1159_AGREEMENT", "1162_INFLUENCE", "1162_UNIFIED"})
    OF_THE_GROUP = frozenset({"CONTROLLER", "GROUP_COMPANY"})

    company = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="relationships")
    holder = models.ForeignKey(
        Organisation,
        null=True,
        on_delete=models.PROTECT,
        related_name="holdings",
        help_text="Empty: the controller itself.",
    )
    test = models.CharField(max_length=16, choices=Test)
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    evidence = models.CharField(max_length=200, help_text="The document that shows it, and its date.")
    document_reference = models.CharField(max_length=80, blank=True, help_text="Under which it is kept.")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    checked_on = models.DateField()
    checked_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: entered at set-up."
    )
    ended_on = models.DateField(null=True, help_text="The day on which its end was entered.")
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="relationship_ends_after_it_begins",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="votes_are_a_majority",
                condition=~Q(test="1159_VOTES") | Q(percent__gt=50),
            ),
            models.CheckConstraint(
                name="a_minority_is_no_majority",
                condition=~Q(test="MINORITY") | Q(percent=None) | Q(percent__lte=50),
            ),
            models.CheckConstraint(
                name="nobody_holds_themselves", condition=Q(holder=None) | ~Q(holder=F("company"))
            ),
        ]
        indexes = [models.Index(fields=["company", "valid_from"], name="relationship_of_company")]

    def __str__(self) -> str:
        holder = self.holder.name if self.holder else "We"
        return f"{holder} → {self.company.name}"


class OnCall(models.Model):
    """Who is rung at night, in which order, under which number, from one day to another."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="on_call")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    phone = models.CharField(max_length=40)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="on_call_ends_after_it_begins",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            ),
            models.UniqueConstraint(
                fields=["organisation", "user"], condition=Q(valid_until=None), name="on_call_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.user_id}"


class Absence(models.Model):
    """Days on which somebody is away, both included, and who covers for them."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    cover = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="covers")
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="absence_ends_after_it_begins", condition=Q(last_day__gte=F("first_day"))
            ),
            models.CheckConstraint(
                name="nobody_covers_for_themselves", condition=Q(cover=None) | ~Q(cover=F("user"))
            ),
        ]
        indexes = [models.Index(fields=["user", "last_day"], name="absence_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id} away"


class RoleGroup(models.Model):
    """The group that object grants are given to: one per (organisation, role)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="role_groups")
    role = models.CharField(max_length=20, choices=Role)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="role_group")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "role"], name="one_group_per_role")]

    def __str__(self) -> str:
        return f"{self.organisation_id}:{self.role}"


class ValidRange(Func):
    function = "tstzrange"
    output_field = DateTimeRangeField()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def valid_at(self, now: datetime) -> "MembershipQuerySet":
        """Of an active person in an active organisation, at that instant."""
        return self.filter(
            Q(valid_until=None) | Q(valid_until__gt=now),
            valid_from__lte=now,
            user__is_active=True,
            organisation__is_active=True,
        )


class Membership(models.Model):
    """A role held for an organisation from one instant to another (half open: until is excluded)."""

    ref = models.CharField(max_length=20, unique=True, default=membership_ref, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="membership_ends_after_it_begins",
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
            ),
            ExclusionConstraint(
                name="one_membership_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (ValidRange("valid_from", "valid_until"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["user", "valid_from"])]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"
