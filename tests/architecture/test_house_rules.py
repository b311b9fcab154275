"""The rules of the house that a reader of one file cannot see: read from the source itself."""

import ast
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission

from disclosures.models import OutboxRow, Reminder, Request
from disclosures.models.request import RequestPart
from disclosures.states import Perm

from .ours import our_models
from .source import Module, decorators, dotted, edges, modules, page, services

LONGEST_MODULE = 400
# What an auditor checks the log with imports nothing of ours, so that it needs nothing of ours.
HANDED_OUT_AS_ONE_FILE = "audit.verifier"
OF_A_REQUEST = {"Request"} | {model.__name__ for model in our_models() if issubclass(model, RequestPart)}


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    lengths = {m.name: len(m.text.splitlines()) for m in modules(also=("cpdisclose", "tests"))}
    assert lengths.pop(HANDED_OUT_AS_ONE_FILE) <= LONGEST_MODULE + 100
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_a_day_is_written_out_in_one_place() -> None:
    """As “24 November 2026”; everything else asks `accounts.days`."""
    spelt = {m.name for m in modules(also=("cpdisclose",)) if "%B %Y" in m.text}
    assert spelt == {"accounts.days", "audit.forms"}, "audit.forms reads days and writes none"


def _too_wide(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            caught = {
                name.id
                for name in ast.walk(node.type or ast.Name("BaseException"))
                if isinstance(name, ast.Name)
            }
            if caught & {"Exception", "BaseException"}:
                yield module.at(node)


def test_nobody_catches_every_exception() -> None:
    assert [place for module in modules(also=("cpdisclose",)) for place in _too_wide(module)] == []


@pytest.mark.parametrize("handler", ["except Exception", "except (ValueError, BaseException)", "except"])
def test_a_handler_that_catches_everything_would_be_seen(handler: str) -> None:
    assert list(_too_wide(page(f"try:\n    pass\n{handler}:\n    pass")))


def _locking(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module == "functools":
            if any(name.name == "cached_property" for name in node.names):
                yield module.at(node)
        elif isinstance(node, ast.Attribute) and dotted(node) == "functools.cached_property":
            yield module.at(node)


def test_nobody_waits_in_a_property_of_somebody_elses() -> None:
    """Until Python 3.12 that of functools has one lock for all objects of a class: while one waits for the database,
    every other thread does. Django's has none."""
    assert [place for module in modules(also=("cpdisclose",)) for place in _locking(module)] == []


@pytest.mark.parametrize(
    "line", ["from functools import cache, cached_property", "a = functools.cached_property(b)"]
)
def test_a_property_that_makes_others_wait_would_be_seen(line: str) -> None:
    assert list(_locking(page(line)))


def test_imports_stand_at_the_top() -> None:
    inside = [
        module.at(node)
        for module in modules()
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_time_is_read_at_the_edges_and_nowhere_deeper() -> None:
    clocks = {
        "timezone.now",
        "datetime.now",
        "datetime.utcnow",
        "date.today",
        "timezone.localdate",
        "time.time",
    }
    read = [m.at(node) for m in modules() if not m.is_edge for node, name in m.calls() if name in clocks]
    assert read == []


def test_no_task_is_given_a_time_of_its_own() -> None:
    """Celery delivers eta and countdown again after its visibility timeout; the database is the clock."""
    named = [
        module.at(node)
        for module in modules(also=("cpdisclose",))
        for node, _ in module.calls()
        if {keyword.arg for keyword in node.keywords} & {"eta", "countdown"}
    ]
    assert named == []


def test_signals_carry_no_business_rule() -> None:
    """Sign-in is allauth's, which tells of it by signals; everything of ours is called by its name."""
    receivers = {
        module.name
        for module in modules()
        for function in module.functions()
        if "receiver" in decorators(function)
    }
    assert receivers == {"accounts.sign_in"}


def test_no_model_orders_its_rows_in_secret() -> None:
    assert [model.__name__ for model in our_models() if model._meta.ordering] == []


# The doors -------------------------------------------------------------------------------------


def _fetches_by_itself(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            manager = node.attr in {"objects", "_default_manager", "_base_manager"}
            if manager and node.value.id in OF_A_REQUEST:
                yield module.at(node)


def test_pages_tasks_and_commands_reach_requests_through_the_doors_alone() -> None:
    assert [place for module in edges() for place in _fetches_by_itself(module)] == []


@pytest.mark.parametrize(
    "line", ["Request.objects.all()", "SearchTask.objects.get(pk=1)", "Letter._default_manager"]
)
def test_a_page_that_fetched_by_itself_would_be_seen(line: str) -> None:
    assert list(_fetches_by_itself(page(line)))


def test_rows_are_fetched_by_their_key_under_a_lock_and_nowhere_else() -> None:
    """`get(pk=…)` in a service is the row it locks; on a page it would be a second door that leaks by its time."""
    by_key = {
        module.parts[1]
        for module in modules()
        for node, name in module.calls()
        if (name.endswith(".get") and {keyword.arg for keyword in node.keywords} & {"pk", "id"})
        or name.endswith("get_object_or_404")
    }  # fmt: skip
    assert by_key <= {"services", "notifications", "demo"}


def test_guardian_is_only_the_shape_of_the_grant_tables() -> None:
    """Its own questions say yes to superusers and a silent no to a misspelt codename."""
    importing = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("guardian"))
        or (isinstance(node, ast.Import) and any(alias.name.startswith("guardian") for alias in node.names))
    }
    assert importing == {"disclosures.models.grants"}
    asked = {"has_perm", "has_perms", "get_objects_for_user", "get_perms", "assign_perm", "remove_perm"}
    called = {
        name.rpartition(".")[2] for m in modules() if m.parts[0] == "disclosures" for _, name in m.calls()
    }
    assert called & asked == set()


def test_grants_are_written_by_permissions_alone() -> None:
    writing = {
        "create",
        "bulk_create",
        "get_or_create",
        "update_or_create",
        "update",
        "bulk_update",
        "delete",
    }
    constructed = {"RequestGroupGrant", "RequestUserGrant"}
    writers = {
        module.name
        for module in modules()
        for _, name in module.calls()
        if name in constructed or (name.split(".")[0] in constructed and name.rpartition(".")[2] in writing)
    }
    assert writers == {"disclosures.permissions"}


@pytest.mark.django_db
def test_the_codenames_are_exactly_the_permissions_of_the_code() -> None:
    rows = Permission.objects.filter(content_type__app_label="disclosures", content_type__model="request")
    assert sorted(rows.values_list("codename", flat=True)) == sorted(perm.value for perm in Perm)


def test_the_administrators_pages_hold_no_request_grant_payload_or_log() -> None:
    registered = {model for site in admin.sites.all_sites for model in site._registry}
    kept_out = {model for model in our_models() if model._meta.app_label in {"audit", "sealing"}}
    kept_out |= {model for model in our_models() if issubclass(model, Request | RequestPart)}
    kept_out |= {OutboxRow, Reminder}
    kept_out |= {model for model in our_models() if model.__name__.endswith("Grant")}
    assert registered & kept_out == set()
    assert registered, "an empty registry would prove nothing"


# Services --------------------------------------------------------------------------------------

# They serve the use cases: the lock, the version, the entry, the calendar. None of them is a use case.
SHARED = {"disclosures.services.changes", "accounts.services.common"}
READS = {"disclosures.services.calendars.calendar_for"}


def _positional(function: ast.FunctionDef) -> list[str]:
    given = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return given + ([function.args.vararg.arg] if function.args.vararg else [])


def test_services_are_called_by_keywords() -> None:
    """Only what works inside a step takes something by position: the request that the step has locked."""
    loose = [
        f"{module.name}.{function.name}"
        for module in services()
        if module.name not in SHARED
        for function in module.functions()
        if not function.name.startswith("_")
        and f"{module.name}.{function.name}" not in READS
        and _positional(function)
        and (_positional(function)[:1] != ["request"] or "use_case" in decorators(function))
    ]
    assert loose == []


def test_a_use_case_takes_nothing_by_position() -> None:
    written = [
        (function.name, _positional(function))
        for module in services()
        for function in module.functions()
        if decorators(function) & {"use_case", "transaction.atomic"}
    ]
    assert len(written) > 20
    assert [name for name, positional in written if positional and not name.startswith("_")] == []


def test_every_worker_collects_the_same_tests(request: pytest.FixtureRequest) -> None:
    """An address of memory in a test's name differs from one process to the next."""
    assert [item.nodeid for item in request.session.items if " at 0x" in item.nodeid] == []
