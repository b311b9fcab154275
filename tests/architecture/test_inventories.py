"""docs/operations.md lists every connection, upload and use of cryptography, and nothing that is not there."""

import ast
import re
from collections.abc import Iterable, Iterator

from disclosures.forms import finds_csv, people_csv
from disclosures.services import on_file

from .source import ROOT, Module, dotted, modules, page

PAGE = (ROOT / "docs" / "operations.md").read_text()
MB = 1024 * 1024
APPS = ("accounts", "audit", "cpdisclose", "disclosures", "privacy", "sealing")
KEYED = re.compile(r"^(?:from|import) (?:cryptography|hmac|rfc3161_client)\b", re.M)
# What starts the parts on a developer's machine makes keys and demonstrations, and keeps none.
NOT_OURS = ("cpdisclose/local/", "disclosures/management/commands/seed_demo.py")


def section(title: str) -> str:
    return PAGE.partition(f"### {title}\n")[2].partition("\n### ")[0].partition("\n## ")[0]


def test_every_address_that_can_be_set_stands_among_the_connections() -> None:
    settings = (ROOT / "cpdisclose" / "settings.py").read_text()
    outward = set(re.findall(r'env\.\w+\("(\w+_URL|AUDIT_WITNESSES|CLAMD)"', settings)) - {"PUBLIC_URL"}
    assert len(outward) >= 6
    assert set(re.findall(r"`([A-Z_]+)`", section("Connections"))) == outward


def test_every_kind_of_file_and_its_measure_stands_among_the_uploads() -> None:
    told = section("What may be uploaded")
    assert set(re.findall(r" \.(\w+)", told.partition("\n\nThe whole")[0])) == {*on_file.KINDS, "csv"}
    sizes = [int(size) for size in re.findall(r"\| (\d+) MB \|", told)]
    assert sizes == [largest // MB for largest in (on_file.LARGEST, finds_csv.LARGEST, people_csv.LARGEST)]


def test_every_file_that_comes_in_is_shown_to_the_virus_scanner() -> None:
    """By the page that takes it, or by the one service that keeps a file whole."""
    pages = {"disclosures.views.on_file", "disclosures.views.company_people", "disclosures.views.search_list"}
    assert {module.name for module, _ in _takers(modules(also=("cpdisclose",)))} == pages
    assert [
        module.at(function) for module, function in _takers(modules()) if not _scans(module, function)
    ] == []
    service = next(module for module in modules() if module.name == "disclosures.services.on_file")
    keeper = next(function for function in service.functions() if function.name == "attach_document")
    assert "scan_file" in _named(keeper)
    forms = {module.name for module in modules(also=("cpdisclose",)) if "FileField(" in module.text}
    assert forms == {f"disclosures.forms.{form}" for form in ("on_file", "people_csv", "finds_csv")}


def test_a_page_that_took_a_file_unscanned_would_be_seen() -> None:
    (found,) = _takers([page("def take(http):\n    keep(http.FILES['file'].read())")])
    assert not _scans(*found)


def _takers(among: Iterable[Module]) -> Iterator[tuple[Module, ast.FunctionDef]]:
    for module in among:
        for function in module.functions():
            if any(isinstance(node, ast.Attribute) and node.attr == "FILES" for node in ast.walk(function)):
                yield module, function


def _scans(module: Module, function: ast.FunctionDef) -> bool:
    """Itself, or a function beside it that it calls."""
    named = _named(function)
    for other in module.functions():
        named |= _named(other) if other.name in named else set()
    return bool(named & {"scan_file", "attach_document"})


def _named(function: ast.FunctionDef) -> set[str]:
    nodes = (node for node in ast.walk(function) if isinstance(node, ast.Name | ast.Attribute))
    return {dotted(node).rpartition(".")[2] for node in nodes}


def test_everything_that_computes_with_a_key_stands_in_the_inventory_of_cryptography() -> None:
    files = [
        path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if KEYED.search(path.read_text())
    ]
    ours = {str(path.relative_to(ROOT)) for path in files}
    named = set(re.findall(r"`([a-z_/]+\.py)`", section("Cryptography")))
    assert {path for path in ours if not path.startswith(NOT_OURS)} - named == {"accounts/forms.py"} & ours
    assert all((ROOT / path).exists() for path in named)
