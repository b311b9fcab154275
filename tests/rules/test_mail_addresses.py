"""A sender's address against the register: whole labels, plain letters, nothing taken on trust."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.bodies.addresses import NAMESPACES, REFUSED, Listed, Standing, judge, plain, words
from accounts.bodies.register import Body, read_bodies

BODIES = read_bodies()
BY_CODE = {body.code: body for body in BODIES}
MET = BY_CODE["metropolitan"]
OTHERS = tuple(row for body in BODIES if body is not MET for row in body.domains)
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
LIVE = st.sampled_from([(body, row) for body in BODIES for row in body.domains if not row.legacy])


def standing(address: str, body: Body = MET) -> Standing:
    others = tuple(row for other in BODIES if other is not body for row in other.domains)
    return judge(address, own=body.domains, others=others).standing


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("robin@met.police.uk", Standing.LISTED),
        ("robin@ctu.met.police.uk", Standing.LISTED),
        ("Robin@MET.Police.UK.", Standing.LISTED),
        ("robin@met.police.uk.cjsm.net", Standing.LISTED),
        ("robin@MET.police.uk.CJSM.net", Standing.LISTED),
        ("robin@met.police.uk.evil.com", Standing.LOOK_ALIKE),
        ("robin@met.police.uk.cjsm.net.cjsm.net", Standing.LOOK_ALIKE),
        ("robin@met.police.uk.cjsm.net.evil.com", Standing.LOOK_ALIKE),
        ("robin@met-police.uk", Standing.LOOK_ALIKE),
        ("robin@metpolice.co.uk", Standing.LOOK_ALIKE),
        ("robin@rnet.police.uk", Standing.LOOK_ALIKE),
        ("robin@police-uk.org", Standing.LOOK_ALIKE),
        ("robin@gov.uk.com", Standing.LOOK_ALIKE),
        ("robin@mеt.police.uk", Standing.LOOK_ALIKE),
        ("robin@ｍｅｔ.police.uk", Standing.LOOK_ALIKE),
        ("robin@met。police.uk", Standing.LOOK_ALIKE),
        ("robin@eßex.police.uk", Standing.LOOK_ALIKE),
        ("robin@ſurrey.police.uk", Standing.LOOK_ALIKE),
        ("robin@\N{KELVIN SIGN}ent.police.uk", Standing.LOOK_ALIKE),
        ("robin@xn--mt-8ka.police.uk", Standing.LOOK_ALIKE),
        ("robin@evilmet.police.uk", Standing.RESTRICTED),
        ("robin@croydon.gov.uk", Standing.RESTRICTED),
        ("robin@police.uk", Standing.RESTRICTED),
        ("robin@kent.police.uk", Standing.OTHER_BODY),
        ("robin@jersey.police.uk", Standing.FOREIGN),
        ("robin@mail.guernsey.police.uk", Standing.FOREIGN),
        ("robin@gov.im", Standing.FOREIGN),
        ("robin@met.pnn.police.uk", Standing.RETIRED),
        ("robin@someforce.pnn.police.uk", Standing.RETIRED),
        ("robin@homeoffice.gsi.gov.uk", Standing.RETIRED),
        ("met.police.uk@gmail.com", Standing.FREE_MAIL),
        ("robin@gmail.com.cjsm.net", Standing.FREE_MAIL),
        ("met.police.uk@mail.example", Standing.UNLISTED),
        ("robin@cjsm.net", Standing.UNLISTED),
        ("robin@asia.example", Standing.UNLISTED),
        ("robin@met.police.uk@evil.com", Standing.UNREADABLE),
        ("Robin <robin@met.police.uk>", Standing.UNREADABLE),
        ("robin@met.police.uk, other@evil.com", Standing.UNREADABLE),
        ("robin@-met.police.uk", Standing.UNREADABLE),
        ("robin@met..police.uk", Standing.UNREADABLE),
        ("robin@localhost", Standing.UNREADABLE),
        ("robin", Standing.UNREADABLE),
        ("@met.police.uk", Standing.UNREADABLE),
        ("  ", Standing.NONE),
    ],
)
def test_each_trick_has_its_standing(address: str, expected: Standing) -> None:
    assert standing(address) is expected


@given(LIVE, st.lists(LABEL, max_size=3), LABEL, st.booleans(), st.booleans())
def test_a_listed_name_and_whatever_is_below_it_agrees_however_it_is_written(
    listed: tuple[Body, Listed], below: list[str], local: str, cjsm: bool, shouted: bool
) -> None:
    body, row = listed
    if any(label.startswith("xn--") for label in below) or len(".".join(below)) > 100:
        return
    domain = ".".join([*below, row.domain]) + (".cjsm.net" if cjsm else "")
    address = f"{local}@{domain.upper() if shouted else domain}"
    longer = [
        r
        for b in BODIES
        for r in b.domains
        if plain(domain).endswith(r.domain) and len(r.domain) > len(row.domain)
    ]
    if not longer:
        assert standing(address, body) is Standing.LISTED


@given(LIVE, LABEL, LABEL)
def test_no_name_behind_or_glued_to_a_listed_one_agrees(
    listed: tuple[Body, Listed], glued: str, tail: str
) -> None:
    body, row = listed
    for domain in (f"{row.domain}.{tail}.com", f"{glued}{row.domain}", f"{row.domain}.{tail}"):
        found = judge(f"robin@{domain}", own=body.domains)
        assert found.standing is not Standing.LISTED or plain(domain) == row.domain


@given(st.text(max_size=60))
def test_anything_at_all_typed_as_an_address_is_judged_and_has_its_sentence(text: str) -> None:
    found = judge(text, own=MET.domains, others=OTHERS)
    assert words(found, MET.name).endswith((".", ")."))
    if found.standing is Standing.LISTED:
        assert text.strip().isascii()
        assert any(
            found.domain == row.domain or found.domain.endswith(f".{row.domain}") for row in MET.domains
        )


@given(st.text(alphabet=st.characters(min_codepoint=128), min_size=1, max_size=3), LIVE)
def test_a_letter_that_is_not_plain_never_agrees(letters: str, listed: tuple[Body, Listed]) -> None:
    body, row = listed
    assert judge(f"robin@{letters}.{row.domain}", own=body.domains).standing in REFUSED


def test_every_sentence_tells_what_to_do_and_names_no_fault_of_the_reader() -> None:
    said = {
        standing(address): words(judge(address, own=MET.domains, others=OTHERS), MET.name)
        for address in (
            "", "x", "x@met.pnn.police.uk", "x@kent.police.uk", "x@jersey.police.uk", "x@gmail.com", "x@met-police.uk",
            "x@croydon.gov.uk", "x@firm.example", "x@met.police.uk",
        )
    }  # fmt: skip
    assert set(said) == set(Standing)
    assert not any(
        word in sentence.lower() for sentence in said.values() for word in ("invalid", "failed", "error")
    )
    assert said[Standing.OTHER_BODY].startswith(
        "kent.police.uk is in the register for Kent Police, not for Metropolitan"
    )
    assert "outside the United Kingdom" in said[Standing.FOREIGN]


def test_the_crown_dependencies_are_foreign_even_if_somebody_lists_them() -> None:
    jersey = Listed("jersey.police.uk", "Jersey")
    assert judge("x@jersey.police.uk", own=MET.domains, others=[jersey]).standing is Standing.FOREIGN


def test_the_namespaces_do_not_contradict_one_another() -> None:
    for names in NAMESPACES:
        assert len(set(names)) == len(names)
        assert all(name == plain(name) for name in names)
    assert not {*NAMESPACES.free_mail} & {*NAMESPACES.restricted, *NAMESPACES.retired, *NAMESPACES.foreign}
