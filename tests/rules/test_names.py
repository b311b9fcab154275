"""Whether a name on an order is one of ours, however it is written."""

import pytest

from disclosures.names import is_one_of

OURS = ("Example Motorways (North) Limited", "EMNL", "Smith & Sons plc", "Children’s Line")


@pytest.mark.parametrize(
    "addressee",
    [
        "Example Motorways (North) Limited", "EXAMPLE MOTORWAYS NORTH LTD.", "example motorways (north)", "Emnl",
        "The Company Secretary, Example Motorways (North) Ltd, 1 Street, Exampleton",
        "EMNL\n1 Street\nExampleton", "The Example Motorways North Ltd", "Smith and Sons P.L.C.",
        "SMITH & SONS PUBLIC LIMITED COMPANY", "Childrens Line Limited", "Data desk; EMNL",
    ],
)  # fmt: skip
def test_one_of_our_names_is_known(addressee: str) -> None:
    assert is_one_of(addressee, OURS)


@pytest.mark.parametrize(
    "addressee",
    [
        "Example Motorways (South) Limited", "Example Motorways (North) Services Ltd", "EMNL Services", "Another Company Ltd",
        "Smith & Sons Limited", "Smith & Daughters plc", "Limited", "", ", ;", "Example", "the",
    ],
)  # fmt: skip
def test_another_name_is_not(addressee: str) -> None:
    assert not is_one_of(addressee, OURS)
