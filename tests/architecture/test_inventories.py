"""docs/operations.md lists every connection, upload and use of cryptography, and nothing that is not there."""

import re

from disclosures.forms import finds_csv, people_csv
from disclosures.services import on_file

from .source import ROOT

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
    outward = set(re.findall(r'env\.\w+\("(\w+_URL|AUDIT_WITNESSES)"', settings)) - {"PUBLIC_URL"}
    assert len(outward) >= 5
    assert set(re.findall(r"`([A-Z_]+)`", section("Connections"))) == outward


def test_every_kind_of_file_and_its_measure_stands_among_the_uploads() -> None:
    told = section("What may be uploaded")
    assert set(re.findall(r" \.(\w+)", told.partition("\n\nThe whole")[0])) == {*on_file.KINDS, "csv"}
    sizes = [int(size) for size in re.findall(r"\| (\d+) MB \|", told)]
    assert sizes == [largest // MB for largest in (on_file.LARGEST, finds_csv.LARGEST, people_csv.LARGEST)]


def test_everything_that_computes_with_a_key_stands_in_the_inventory_of_cryptography() -> None:
    files = [
        path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if KEYED.search(path.read_text())
    ]
    ours = {str(path.relative_to(ROOT)) for path in files}
    named = set(re.findall(r"`([a-z_/]+\.py)`", section("Cryptography")))
    assert {path for path in ours if not path.startswith(NOT_OURS)} - named == {"accounts/forms.py"} & ours
    assert all((ROOT / path).exists() for path in named)
