"""Verifiers that we did not write agree with what we hand out: Go's x/mod/sumdb and sigstore's for JavaScript.

Where they are not installed this is skipped, and loudly; `script/test` installs them where it may, and continuous
integration fails without them.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from audit.logs import verifiers

from .log_desk import LogDesk

pytestmark = pytest.mark.committed

HERE = Path(__file__).resolve().parents[1] / "independent"
ROOT = HERE.parents[1]
GOPATH = Path("/usr/share/gocode")
SIGSTORE = ROOT / "node_modules" / "@sigstore" / "verify"


@pytest.fixture
def handed_out(committed_db, tmp_path):
    """An export, a proof and a consistency proof of a log of 700 entries; gives the folder and the key."""
    with committed_db.connect("owner") as owner:
        desk = LogDesk(committed_db, owner).write(90, 165, 1, 443)
        desk.run("export", tmp_path / "export")
        (tmp_path / "proof").write_text(desk.run("prove", "--entry", desk.entry_at(256)))
        (tmp_path / "old").write_text(desk.note(desk.sizes[0]))
        (tmp_path / "growth").write_text(desk.run("consistency", desk.sizes[0], desk.sizes[-1]))
    return tmp_path, verifiers("main")[0].vkey


@pytest.fixture(scope="module")
def go(tmp_path_factory):
    found = shutil.which("go")
    if found is None or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        missing("Go and golang-golang-x-mod-dev")
    binary = tmp_path_factory.mktemp("go") / "check"
    cache = ROOT / ".local" / "testcache" / "go"
    cache.mkdir(parents=True, exist_ok=True)
    env = os.environ | {"GO111MODULE": "off", "GOPATH": str(GOPATH), "GOCACHE": str(cache), "GOFLAGS": ""}
    subprocess.run([found, "build", "-o", str(binary), str(HERE / "check.go")], env=env, check=True)
    return binary


@pytest.fixture(scope="module")
def node():
    found = shutil.which("node")
    if found is None or not SIGSTORE.is_dir():
        missing("node and @sigstore/verify")
    return found


def missing(what):
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} are not installed, and continuous integration does not do without.")
    pytest.skip(f"{what} ARE NOT INSTALLED: no independent implementation was asked.")


def run(*command):
    done = subprocess.run(
        [*map(str, command)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_go_agrees_with_every_entry_and_proof_and_refuses_what_was_touched(go, handed_out):
    folder, key = handed_out
    command = [go, folder / "export", key, folder / "proof", folder / "old", folder / "growth"]
    assert run(*command) == (0, "Go agrees: 700 entries, index 256, 91 grew into 700.\n")
    for path, at in (
        ("export/tile/entries/001", 900),
        ("export/tile/0/000", 70),
        ("export/tile/1/000.p/2", 3),
        ("export/checkpoint", 30),
        ("proof", 60),
        ("growth", 30),
        ("old", 30),
    ):
        whole = (folder / path).read_bytes()
        flip(folder / path, at)
        code, text = run(*command)
        assert (code, "REFUSED" in text) == (1, True), path
        (folder / path).write_bytes(whole)


def test_sigstore_agrees_with_a_proof_and_refuses_what_was_touched(node, handed_out):
    folder, key = handed_out
    command = [node, HERE / "check.cjs", folder / "proof", key]
    assert run(*command) == (0, "sigstore agrees: index 256 of 700.\n")
    whole = (folder / "proof").read_bytes()
    for at in (60, whole.index(b"\nindex") + 20, len(whole) - 20):
        flip(folder / "proof", at)
        assert run(*command)[0] == 1
        (folder / "proof").write_bytes(whole)
