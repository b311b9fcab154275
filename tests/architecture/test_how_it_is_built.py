"""What the list of requirements says of the building itself: libraries, types, processes, log files, addresses."""

import ast
import re
import tomllib
from typing import Any

from django.conf import settings

from .source import ROOT, modules

LOCKED = ("requirements.txt", "requirements-dev.txt")
STARTS_A_PROCESS = {"subprocess", "pty", "multiprocessing"}
STARTING_CALLS = re.compile(r"os\.(system|popen|exec\w*|spawn\w*|posix_spawn\w*|fork\w*)")
# A form that is sent in the address holds filters and references; the log's has who did it, a colleague's name.
SENT_IN_THE_ADDRESS = {
    "_bar.html": {"q"},
    "audit/log.html": {"log", "event", "who", "about", "since", "until"},
    "disclosures/team/holidays.html": {"year"},
    "disclosures/letters/why.html": {"refusal"},
    "disclosures/registers/organisations.html": {"typed", "kind"},
    "disclosures/queue.html": {"state", "urgency", "overdue"},
    "disclosures/catalogue/list.html": {"q"},
}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]


def test_every_library_is_locked_by_its_version_and_by_what_it_consists_of() -> None:
    for file in LOCKED:
        whole = (ROOT / file).read_text().replace("\\\n", " ")
        lines = [line for line in whole.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        assert len(lines) > 10, file
        for line in lines:
            assert re.match(r"[A-Za-z0-9._\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line[:80]


def test_how_soon_a_library_is_raised_is_written_down() -> None:
    told = (ROOT / "SECURITY.md").read_text().partition("\n## Libraries\n")[2]
    for time in ("within 7 days", "within 30 days", "every three months"):
        assert time in told


def test_types_are_checked_strictly_and_weak_calls_are_refused() -> None:
    tools = project()
    assert tools["mypy"]["strict"] is True
    assert {"accounts", "audit", "cpdisclose", "disclosures", "privacy", "sealing"} <= set(
        tools["mypy"]["packages"]
    )
    assert "S" in tools["ruff"]["lint"]["select"]
    assert not [rule for rule in tools["ruff"]["lint"]["ignore"] if rule.startswith("S")]


def test_the_site_starts_no_process_and_runs_no_text() -> None:
    found = []
    for module in modules():
        for node in ast.walk(module.tree):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [module.at(node) for name in names if name.partition(".")[0] in STARTS_A_PROCESS]  # type: ignore[arg-type]
        found += [
            module.at(call)
            for call, name in module.calls()
            if STARTING_CALLS.fullmatch(name) or name in {"eval", "exec"}
        ]
    assert found == []


def test_no_form_takes_whatever_fields_a_row_has() -> None:
    taking = re.compile(
        r"fields\s*=\s*(\"__all__\"|forms\.ALL_FIELDS|ALL_FIELDS)|model_to_dict\(|\*\*http\.POST|\*\*request\.POST"
    )
    assert [module.name for module in modules() if taking.search(module.text)] == []


def test_lines_for_the_operator_go_to_standard_error_and_nowhere_else() -> None:
    handlers = settings.LOGGING["handlers"]
    assert {name: row["class"] for name, row in handlers.items()} == {"stderr": "logging.StreamHandler"}
    assert settings.LOGGING["root"]["handlers"] == ["stderr"]


def test_nothing_that_is_typed_of_a_person_is_sent_in_an_address() -> None:
    """Whatever else is typed goes in the body; a form that gets another way of sending stands here first."""
    pages = {
        str(path.relative_to(ROOT / "templates")): path.read_text()
        for path in sorted((ROOT / "templates").rglob("*.html"))
    }
    forms = {
        page: [form for form in re.findall(r"<form\b.*?</form>", text, re.S) if not re.match(r"<form\b[^>]*\bmethod=\"post\"", form)]
        for page, text in pages.items()
    }  # fmt: skip
    assert {page for page, found in forms.items() if found} == set(SENT_IN_THE_ADDRESS)
    for page, found in forms.items():
        names = re.findall(
            r"\bname=\"(\w+)\"|\{\{ form\.(\w+)(?:\.as_field_group)? \}\}|in form(?: |\.)", " ".join(found)
        )
        assert {name for pair in names for name in pair if name} <= SENT_IN_THE_ADDRESS.get(page, set()), page
