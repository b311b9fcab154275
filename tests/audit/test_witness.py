"""The witness over real HTTP: it cosigns what grew, and nothing that was rolled back, split, rewritten or forged."""

import base64
import http.client
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from audit import proof, witness
from audit.checkpoint import TreeHead
from audit.cosignature import Cosigner, WitnessKey, cosignatures, read_vkey
from audit.note import NoteRefused, Signer, open_note, sign
from audit.witness import Witness

from .slow_tree import mth
from .test_tree import grown, hashes

LOG = Signer("log.example/main", bytes(range(32)))
NEXT = Signer("log.example/main", bytes(range(1, 33)))
OTHER = Signer("other.example/main", bytes(range(3, 35)))
COSIGNER = Cosigner("witness.example/w1", bytes(range(2, 34)))
LEAVES = hashes(700)
FORGED = [*LEAVES[:5], bytes(32), *LEAVES[6:]]
NOW = 1_795_800_000
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def at_work(tmp_path):
    keys = {LOG.name: [LOG.verifier, NEXT.verifier]}
    working = Witness(COSIGNER, keys, tmp_path, lambda: NOW + 0.9)
    with witness.server(working, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield working, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def note(size, leaves=LEAVES, signers=(LOG,)):
    return sign(TreeHead(LOG.name, size, mth(leaves[:size])).text(), signers)


def steps(old, new, leaves=LEAVES):
    kept = grown(leaves[:new])[1]
    return proof.consistency(old, new, lambda names: {name: kept[name] for name in names if name in kept})


def post(url, body, path="/add-checkpoint"):
    try:
        with urllib.request.urlopen(urllib.request.Request(url + path, data=body, method="POST")) as answer:
            return answer.status, answer.read().decode(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers["Content-Type"]


def submit(at_work, old, new, *, leaves=LEAVES, signers=(LOG,), proof_=None):
    made = steps(old, new, leaves) if proof_ is None else proof_
    lines = [
        f"old {old}",
        *(base64.b64encode(step).decode() for step in made),
        "",
        note(new, leaves, signers),
    ]
    return post(at_work[1], "\n".join(lines).encode())


def test_it_cosigns_what_grows(at_work):
    for old, new in ((0, 3), (3, 3), (3, 255), (255, 257), (257, 700)):
        status, line, _ = submit(at_work, old, new)
        assert status == 200
        [found] = cosignatures(
            note(new).partition("\n\n")[0] + "\n", [line.removesuffix("\n")], [COSIGNER.witness_key]
        )
        assert found.seconds == NOW
        assert at_work[0].last(LOG.name).size == new


def test_its_cosignature_stands_in_the_note_and_hides_nothing(at_work):
    _, line, _ = submit(at_work, 0, 3)
    assert open_note(note(3) + line, [LOG.verifier]) == note(3).partition("\n\n")[0] + "\n"


def test_it_refuses_a_rollback(at_work):
    submit(at_work, 0, 300)
    for old, new in ((0, 200), (200, 200), (0, 300), (200, 400), (301, 400)):
        assert submit(at_work, old, new) == (409, "300\n", "text/x.tlog.size")
    assert at_work[0].last(LOG.name).size == 300


def test_it_refuses_a_split_view_of_the_same_size(at_work):
    submit(at_work, 0, 300)
    assert submit(at_work, 300, 300, leaves=FORGED)[0] == 409
    assert at_work[0].last(LOG.name).root == mth(LEAVES[:300])


@pytest.mark.parametrize("signers", [(LOG,), (NEXT,), (LOG, NEXT)])
def test_it_refuses_a_rewritten_history_whoever_signs_it(at_work, signers):
    submit(at_work, 0, 300)
    assert submit(at_work, 300, 700, leaves=FORGED, signers=signers)[0] == 422
    assert submit(at_work, 300, 700, proof_=())[0] == 422
    assert submit(at_work, 300, 700, proof_=steps(299, 700))[0] == 422
    assert submit(at_work, 300, 700)[0] == 200


def test_it_refuses_a_wrong_key(at_work):
    stranger = Signer(LOG.name, bytes(range(9, 41)))
    assert submit(at_work, 0, 3, signers=(stranger,))[0] == 403
    assert submit(at_work, 0, 3, signers=(Signer("other.example/main", LOG.seed),))[0] == 403
    doubled = note(3) + LOG.signature_line(note(3).partition("\n\n")[0] + "\n")
    assert post(at_work[1], f"old 0\n\n{doubled}".encode())[0] == 403
    assert at_work[0].last(LOG.name).size == 0
    assert submit(at_work, 0, 3, signers=(stranger, NEXT))[0] == 200


def test_it_refuses_a_log_that_it_does_not_know(at_work):
    text = sign(TreeHead(OTHER.name, 3, mth(LEAVES[:3])).text(), [OTHER])
    assert post(at_work[1], f"old 0\n\n{text}".encode())[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"old 0\n",
        f"old 00\n\n{note(3)}".encode(),
        f"old -1\n\n{note(3)}".encode(),
        f"old 4\n\n{note(3)}".encode(),
        f"old 0\nnot base64!\n\n{note(3)}".encode(),
        ("old 0\n" + "AAAA\n" * 64 + "\n" + note(3)).encode(),
        ("old 0\n\n" + sign(LOG.name + "\n3\nmore\n", [LOG])).encode(),
    ],
)
def test_what_is_no_submission_is_a_bad_request(at_work, body):
    assert post(at_work[1], body)[0] == 400
    assert at_work[0].last(LOG.name).size == 0


def test_other_addresses_and_great_bodies_are_refused(at_work):
    assert post(at_work[1], b"x", "/elsewhere")[0] == 404
    host = at_work[1].removeprefix("http://")
    for length in ("65537", "x"):
        connection = http.client.HTTPConnection(host, timeout=5)
        connection.putrequest("POST", "/add-checkpoint")
        connection.putheader("Content-Length", length)
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()


def test_many_at_once_leave_one_history(at_work):
    submit(at_work, 0, 10)
    answers = []
    rivals = [(10, 20 + n, LEAVES if n % 2 else FORGED) for n in range(8)]
    threads = [
        threading.Thread(target=lambda r=rival: answers.append(submit(at_work, r[0], r[1], leaves=r[2])[0]))
        for rival in rivals
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(200) == 1
    assert set(answers) <= {200, 409, 422}


def test_it_remembers_when_it_starts_again(at_work, tmp_path):
    submit(at_work, 0, 300)
    again = Witness(COSIGNER, at_work[0].logs, tmp_path, lambda: NOW)
    assert again.last(LOG.name).size == 300
    answer = again.add_checkpoint(f"old 0\n\n{note(3)}".encode())
    assert (answer.status, answer.text) == (409, "300\n")


def test_what_it_cannot_keep_it_does_not_sign(at_work, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        at_work[0].add_checkpoint(f"old 0\n\n{note(3)}".encode())
    assert at_work[0].last(LOG.name).size == 0


def test_a_half_written_file_is_not_its_memory(at_work, tmp_path):
    submit(at_work, 0, 300)
    [kept] = tmp_path.glob("*.checkpoint")
    kept.with_suffix(".new").write_text("half")
    assert at_work[0].last(LOG.name).size == 300
    assert submit(at_work, 300, 400)[0] == 200


def test_a_cosignature_of_other_text_or_another_time_is_wrong():
    text = note(3).partition("\n\n")[0] + "\n"
    line = COSIGNER.line(text, NOW).removesuffix("\n")
    assert cosignatures(text, [line], [WitnessKey(COSIGNER.name, bytes(32))]) == []
    with pytest.raises(NoteRefused):
        cosignatures(text + "more\n", [line], [COSIGNER.witness_key])
    name, _, encoded = line.rpartition(" ")
    raw = bytearray(base64.b64decode(encoded))
    raw[11] ^= 1
    with pytest.raises(NoteRefused):
        cosignatures(text, [f"{name} {base64.b64encode(raw).decode()}"], [COSIGNER.witness_key])


def test_the_example_of_the_specification_has_its_form():
    """A cosignature line of tlog-cosignature's own example: 4 bytes of id, 8 of time, 64 of signature."""
    line = (
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZ"
        "qhf5nNo0xUe+mbIUBkBIfZ+qnA=="
    )
    raw = base64.b64decode(line.split(" ")[2])
    assert len(raw) == 4 + 8 + 64
    assert int.from_bytes(raw[4:12], "big") == 1_679_315_147
    assert len(base64.b64decode(COSIGNER.line("x\n", NOW).split(" ")[2])) == len(raw)


@pytest.mark.parametrize("kind", [LOG.verifier, COSIGNER.witness_key])
def test_verifier_keys_read_back_and_a_wrong_one_is_refused(kind):
    assert read_vkey(kind.vkey) == kind
    for wrong in ("", kind.vkey[:-2], kind.vkey.replace(kind.key_id.hex(), "00000000"), kind.vkey + "\n"):
        with pytest.raises(ValueError, match="verifier key"):
            read_vkey(wrong)


@pytest.mark.faults
def test_the_program_makes_its_key_serves_and_works_alone(tmp_path):
    command = [sys.executable, "-m", "audit.witness", "--name", "w.example", "--key", str(tmp_path / "key")]
    made = subprocess.run([*command, "--new-key"], cwd=ROOT, capture_output=True, text=True, check=True)
    key = read_vkey(made.stdout.strip())
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "logs").write_text(f"{LOG.verifier.vkey}\n{NEXT.verifier.vkey}\n")
    serve = [
        *command,
        *("--logs", str(tmp_path / "logs"), "--state", str(tmp_path / "state"), "--listen", "127.0.0.1:0"),
    ]
    with subprocess.Popen(
        serve, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as one:
        try:
            assert one.stdout.readline().strip() == key.vkey
            url = one.stdout.readline().split()[-1].removesuffix("/add-checkpoint")
            status, line, _ = submit((None, url), 0, 3)
            assert status == 200
            text = note(3).partition("\n\n")[0] + "\n"
            assert len(cosignatures(text, [line.removesuffix("\n")], [key])) == 1
            second = subprocess.run(serve, cwd=ROOT, capture_output=True, text=True, check=False)
            assert second.returncode == 2
            assert "another witness uses" in second.stderr
        finally:
            one.terminate()
    assert (
        json.dumps([path.suffix for path in sorted((tmp_path / "state").iterdir())]) == '[".checkpoint", ""]'
    )
