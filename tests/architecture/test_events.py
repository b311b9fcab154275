"""Every change reaches the log, and every word of the log is one that somebody says."""

import ast
from collections.abc import Iterator, Mapping
from importlib import import_module

from audit.registry import EventSpec

from .source import APPS, Module, decorators, dotted, modules, services

Functions = Mapping[str, ast.FunctionDef]

# One transaction each, and nothing the log tells of: promises and their delivery have the outbox's own rows, and what
# one person has noticed on their own page changes nothing for anybody.
WITHOUT_AN_ENTRY = {
    "_address",
    "_remind",
    "_chase",
    "_remind_of_review",
    "_remind_of_one",
    "_remind_of_clearance",
    "_call_out",
    "mark_notices_read",
}
WRITES = {"append", "record_change"}


def registered() -> tuple[EventSpec, ...]:
    found = [import_module(f"{app}.audit_events").EVENTS for app in APPS if app != "sealing"]
    return tuple(event for events in found for event in events)


def spoken() -> set[str]:
    """Every string constant outside the registers."""
    return {
        node.value
        for module in modules()
        if module.parts[-1] != "audit_events"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_registered_event_is_written_somewhere() -> None:
    assert {event.name for event in registered()} - spoken() == set()


def test_every_event_that_is_written_is_registered() -> None:
    written = {
        keyword.value.value
        for module in modules()
        for call, name in module.calls()
        for keyword in call.keywords
        if keyword.arg == "event"
        and name.rpartition(".")[2] in WRITES
        and isinstance(keyword.value, ast.Constant)
    }
    assert len(written) > 20
    assert written <= {event.name for event in registered()}


def _functions(app: str) -> dict[str, ast.FunctionDef]:
    """By name; the names of services are their own across the modules of an app."""
    return {function.name: function for m in services() if m.parts[0] == app for function in m.functions()}


def _called(function: ast.FunctionDef) -> Iterator[str]:
    """Names that are called or handed on, such as the effects of a step."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield dotted(node.func).rpartition(".")[2]


def reaches_the_log(function: ast.FunctionDef, known: Functions, seen: frozenset[str] = frozenset()) -> bool:
    called = set(_called(function)) - seen
    if called & WRITES:
        return True
    return any(reaches_the_log(known[name], known, seen | called) for name in called & known.keys())


def writers() -> Iterator[tuple[Module, ast.FunctionDef]]:
    for module in modules():
        if "services" in module.parts[1:2]:
            for function in module.functions():
                if decorators(function) & {"use_case", "transaction.atomic"}:
                    yield module, function


def test_every_use_case_ends_in_an_entry() -> None:
    known = {app: _functions(app) for app in APPS}
    silent = {
        function.name
        for module, function in writers()
        if not reaches_the_log(function, known[module.parts[0]])
    }
    assert silent == WITHOUT_AN_ENTRY
    assert len(list(writers())) > 20


def test_a_use_case_that_forgot_its_entry_would_be_seen() -> None:
    tree = ast.parse("def forget(*, request_id):\n    request = locked(request_id)\n    request.save()")
    (forgetful,) = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    assert not reaches_the_log(forgetful, _functions("disclosures"))
