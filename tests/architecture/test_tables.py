"""Every table of ours is tied to the log or has a reason not to be, and no trigger can be slept through."""

import pytest
from django.apps import apps
from django.db import connection

from sealing.fields import SealedField

from .ours import our_models

pytestmark = pytest.mark.django_db

OBJECT = {"audit_changes", "audit_ref_stays", "audit_never", "audit_never_truncated", "audit_has_entry"}
KEPT = {"audit_never", "audit_never_truncated"}
ADDED_TO = {"is_only_added_to", "is_never_emptied"}
HELD = {"a_hold_keeps_the_row", "a_hold_keeps_the_words"}
ONE_MORE_RULE = "restricted_has_no_group_grant"


def part_of(kind: str) -> set[str]:
    return {f"audit_with_{kind}", f"audit_never_truncated_{kind}"}


EXPECTED = {
    "accounts_user": OBJECT,
    "accounts_organisation": OBJECT,
    "accounts_membership": OBJECT,
    "accounts_companyprofile": part_of("organisation"),
    "accounts_organisationalias": part_of("organisation"),
    "accounts_organisationdomain": part_of("organisation"),
    "accounts_oncall": part_of("organisation"),
    "accounts_absence": part_of("user"),
    "accounts_relationship": part_of("organisation"),
    "accounts_rolegroup": part_of("organisation"),
    "privacy_policyversion": OBJECT | {"a_version_stays"},
    "privacy_policyclause": part_of("policy_version") | {"a_clause_stays"},
    "privacy_creditagency": OBJECT,
    "privacy_termsversion": OBJECT,
    "privacy_preference": OBJECT | {"a_preference_stays"},
    "privacy_preferencemark": part_of("preference") | {"a_preference_stays"},
    "disclosures_accessrequest": OBJECT | {"a_stone_stays", "a_hold_keeps_the_words"},
    "disclosures_accesstold": part_of("access_request") | {"told_goes_by_a_disposal"},
    "disclosures_accesshold": part_of("access_request") | {"proof_stays"},
    "disclosures_accessdisposal": part_of("access_request") | {"proof_stays"},
    "disclosures_bankholiday": OBJECT,
    "disclosures_heldsystem": OBJECT,
    "disclosures_systemversion": part_of("system") | ADDED_TO,
    "disclosures_instrumentstanding": OBJECT,
    "disclosures_letterwording": OBJECT | {"a_wording_stays"},
    "disclosures_holidaysource": OBJECT,
    "disclosures_calendarrun": OBJECT,
    "disclosures_request": OBJECT | {"request_begins_as_draft", "state_moves_by_a_step", "partner_is_no_company", "a_stone_stays", "a_hold_keeps_the_words", ONE_MORE_RULE},
    "disclosures_requestgroupgrant": part_of("request") | {ONE_MORE_RULE, "nobody_holds_system"},
    "disclosures_requestusergrant": part_of("request") | {"nobody_holds_system"},
    "disclosures_step": part_of("request") | ADDED_TO | {"step_is_an_arrow"},
    "disclosures_evidence": part_of("request") | ADDED_TO,
    "disclosures_opinion": part_of("request") | ADDED_TO,
    "disclosures_courtapplication": part_of("request") | ADDED_TO,
    "disclosures_agencynotice": part_of("request") | ADDED_TO,
    "disclosures_periodevent": part_of("request") | ADDED_TO,
    "disclosures_interestreview": part_of("request") | ADDED_TO,
    "disclosures_partnerconsent": part_of("request") | ADDED_TO,
    "disclosures_schemepermission": part_of("request") | ADDED_TO,
    "disclosures_clockevent": part_of("request") | ADDED_TO,
    "disclosures_deadline": part_of("request"),
    "disclosures_extension": part_of("request") | ADDED_TO,
    "disclosures_officer": part_of("request") | HELD,
    "disclosures_subject": part_of("request") | HELD,
    "disclosures_subjectmark": part_of("request"),
    "disclosures_creditapplication": part_of("request") | HELD,
    "disclosures_item": part_of("request") | HELD,
    "disclosures_instrument": part_of("request") | HELD,
    "disclosures_searchtask": part_of("request"),
    "disclosures_searchrecord": part_of("request") | HELD,
    "disclosures_holdtask": part_of("request") | HELD,
    "disclosures_holdline": part_of("request"),
    "disclosures_lettermail": part_of("request") | HELD,
    "disclosures_assessment": part_of("request") | HELD,
    "disclosures_itemdecision": part_of("request") | HELD,
    "disclosures_letter": part_of("request") | HELD,
    "disclosures_addresseeanswer": part_of("request") | ADDED_TO,
    "disclosures_cost": part_of("request") | ADDED_TO,
    "disclosures_subjectnotice": part_of("request") | ADDED_TO,
    "disclosures_secrecyend": part_of("request") | {"proof_stays"},
    "disclosures_exclusion": part_of("request"),
    "disclosures_compartmentmember": part_of("request"),
    "disclosures_document": part_of("request") | HELD,
    "disclosures_documentcontent": part_of("request") | HELD,
    "disclosures_callattempt": part_of("request") | ADDED_TO,
    "disclosures_readout": part_of("request") | ADDED_TO,
    "disclosures_correspondence": part_of("request") | ADDED_TO,
    "disclosures_delivery": part_of("request") | ADDED_TO,
    "disclosures_comment": part_of("request") | ADDED_TO,
    "disclosures_requestlink": part_of("request") | HELD,
    "disclosures_legalhold": part_of("request") | {"proof_stays"},
    "disclosures_disposal": part_of("request") | {"proof_stays"},
    "disclosures_message": part_of("request") | ADDED_TO,
    "disclosures_watch": part_of("request"),
    "disclosures_auditpack": OBJECT,
    "disclosures_cellmember": OBJECT,
    "disclosures_interceptionclearance": OBJECT | ADDED_TO,
    "disclosures_interceptionclearanceend": OBJECT | ADDED_TO,
    "audit_entry": KEPT | {"audit_arrives", "audit_arrives_of_change"} | {
        f"audit_has_{kind}" for kind in ("access_request", "user", "organisation", "membership", "policy_version", "preference", "credit_agency", "terms", "holiday", "holiday_source", "calendar_run", "instrument", "letter_wording", "system", "request", "clearance", "clearance_end", "audit_pack", "cell_member", "interception_clearance", "interception_clearance_end")
    },
    "audit_payload": KEPT | {"audit_goes_by_the_rule"},
    "audit_leaf": KEPT,
    "audit_checkpoint": KEPT,
    "audit_cosignature": KEPT,
    "audit_coupled": KEPT,
    "audit_clearance": OBJECT | {"audit_never_changed"},
    "audit_clearanceend": OBJECT | {"audit_never_changed"},
    "audit_outsidecopy": KEPT,
    "audit_verification": KEPT | {"audit_ended_stays"},
    "audit_tile": KEPT | {"audit_grows"},
    # Not tied to the log, each for its reason.
    "accounts_usedcode": set(),  # one-time codes of the last minutes, as digests; nobody's change
    "accounts_usecount": set(),  # how often in the last minutes, as digests; nobody's change
    "disclosures_auditpackwork": set(),  # how far the worker is, as a lease
    "disclosures_outboxrow": set(),  # promises: leased, kept and done with, by the worker
    "disclosures_personalnotice": set(),  # what the log has anyway, as one person has or has not noticed it
    "disclosures_accessreminder": set(),  # the same, of a person's own request
    "disclosures_reminder": set(),  # proof that a promise was made once
    # Made with what it seals; its row tells nothing and opens nothing. It goes by a disposal alone.
    "sealing_datakey": {
        "key_goes_by_a_disposal", "key_is_not_lost", "access_key_goes_by_a_disposal", "access_key_is_not_lost",
    },
}  # fmt: skip


def triggers() -> dict[str, dict[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace"
        )
        found: dict[str, dict[str, str]] = {}
        for table, name, enabled in cursor.fetchall():
            found.setdefault(table, {})[name] = enabled
    return found


def test_every_table_of_ours_has_the_triggers_it_should_have() -> None:
    there = triggers()
    assert {
        model._meta.db_table: set(there.get(model._meta.db_table, {})) for model in our_models()
    } == EXPECTED


def test_no_trigger_sleeps_while_a_session_plays_the_replica() -> None:
    assert {
        (table, name) for table, own in triggers().items() for name, on in own.items() if on != "A"
    } == set()


def test_what_is_sealed_is_kept_by_a_hold() -> None:
    """A new table of sealed values calls `a_hold_keeps` in its migration, or is only added to."""
    free = {
        "disclosures_compartmentmember",
        "disclosures_exclusion",
        "disclosures_cellmember",  # of no request; never deleted
        "disclosures_auditpack",  # copies for one auditor, dropped after two weeks; the hold keeps what they are of
    }  # who sees it
    tied = {table for table, names in EXPECTED.items() if names & (HELD | ADDED_TO | {"proof_stays"})}
    sealed = {
        model._meta.db_table
        for model in apps.get_app_config("disclosures").get_models()
        if any(isinstance(field, SealedField) for field in model._meta.concrete_fields)
    }
    assert sealed - tied == free


def test_what_is_sealed_is_tied_to_the_log() -> None:
    sealed = {
        model._meta.db_table
        for model in apps.get_models()
        if any(isinstance(field, SealedField) for field in model._meta.concrete_fields)
    }
    tied = {
        table
        for table, names in EXPECTED.items()
        if names & {"audit_has_entry", "audit_with_request", "audit_with_access_request"}
    }
    assert sealed
    assert sealed <= tied


def test_the_app_may_neither_rewrite_the_log_nor_delete_what_it_tells_of() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = 'app'"
            " AND privilege_type NOT IN ('SELECT', 'INSERT', 'REFERENCES', 'TRIGGER')"
        )
        held = {(table, right) for table, right in cursor.fetchall()}
    rewriting = {(table, right) for table, right in held if table.startswith("audit_") or right == "TRUNCATE"}
    assert rewriting == set()
    assert {("disclosures_request", "DELETE"), ("disclosures_bankholiday", "DELETE")} & held == set()
    assert ("disclosures_request", "UPDATE") in held, "the query sees nothing"
