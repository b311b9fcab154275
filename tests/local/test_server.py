"""script/server as a whole, with a stand-in for the application and everything else real."""

import os
import signal
import socket
import stat
from http.client import HTTPConnection

from cpdisclose.local.postgres import Cluster

from .conftest import SECONDS, StubCheckout, until


def _web_answers(stub: StubCheckout) -> bool:
    connection = HTTPConnection("127.0.0.1", stub.port, timeout=2)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read() == b"stub"
    except OSError:
        return False
    finally:
        connection.close()


def test_what_dies_comes_back_with_its_data_and_a_signal_stops_everything(stub: StubCheckout):
    stub.serve()
    for name in ("PostgreSQL", "Valkey", "web", "worker", "beat", "sequencer", "sweep"):
        assert f"{name} is ready" in stub.output
    assert f"http://localhost:{stub.port}" in stub.output
    assert "somebody@example.org" in stub.output
    assert stub.run("manage", "keep", "before").returncode == 0

    os.kill(stub.pid_of("postgres -D"), signal.SIGKILL)
    os.kill(stub.pid_of("gunicorn"), signal.SIGKILL)
    until(lambda: "PostgreSQL ended (signal 9); starting it again" in stub.output)
    until(lambda: "web ended (signal 9); starting it again" in stub.output)
    until(lambda: _web_answers(stub))
    until(lambda: stub.run("manage", "keep", "after").returncode == 0)
    assert stub.run("manage", "kept").stdout.split() == ["after", "before"]

    stub.server.send_signal(signal.SIGINT)
    assert stub.server.wait(timeout=SECONDS) == 0
    assert stub.processes() == {}
    assert "everything is stopped" in stub.output
    told = dict(call.split(" ", 1) for call in stub.calls() if not call.startswith("seed_demo"))
    assert told["migrate"] == "--no-input owner"
    assert told["load_reference"] == "app SEALING_MASTER_KEYS"
    assert told["sweep"] == "--loop app SEALING_MASTER_KEYS"


def test_kill_9_leaves_no_orphan_and_the_next_start_is_quick_and_keeps_the_data(stub: StubCheckout):
    stub.serve()
    stub.run("manage", "keep", "it")
    prepared = [call for call in stub.calls() if call.startswith("migrate")]
    stub.server.kill()
    stub.server.wait()
    until(lambda: stub.processes() == {})

    stub.serve()
    assert [call for call in stub.calls() if call.startswith("migrate")] == prepared
    assert "somebody@example.org" in stub.output
    assert stub.run("manage", "kept").stdout.split() == ["it"]
    second = stub.run("serve")
    assert second.returncode == 1
    assert f"already running (process {stub.server.pid})" in second.stderr


def test_a_command_starts_what_is_not_running_and_stops_it_again(stub: StubCheckout):
    assert stub.run("manage", "migrate").returncode == 0
    assert stub.run("manage", "audit", "sequence").returncode == 0
    assert stub.run("manage", "audit", "verify").returncode == 0
    # Whoever signs has the signing keys, and whoever verifies has not.
    signs, verifies = "audit sequence sequencer AUDIT_SIGNING_KEYS", "audit verify app SEALING_MASTER_KEYS"
    assert stub.calls() == ["migrate owner", signs, verifies]
    assert stub.processes() == {}
    assert stat.S_IMODE((stub.root / ".local" / "secrets.json").stat().st_mode) == 0o600
    assert stub.run("manage", "nonsense", DATABASE_URL="postgresql://localhost:1/none").returncode == 1


def test_a_taken_port_is_named_with_its_cure(stub: StubCheckout):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stub.port))
        taken.listen()
        ended = stub.run("serve")
    assert ended.returncode == 1
    assert f"Port {stub.port} cannot be used" in ended.stderr
    assert f"PORT={stub.port + 1} script/server" in ended.stderr


def test_a_port_that_is_no_number_is_refused(stub: StubCheckout):
    ended = stub.run("serve", PORT="eighty")
    assert (ended.returncode, "“eighty”" in ended.stderr) == (1, True)


def test_a_folder_that_cannot_be_written_is_named_with_its_cure(stub: StubCheckout):
    (stub.root / ".local").write_text("in the way")
    ended = stub.run("serve")
    assert ended.returncode == 1
    assert f"{stub.root / '.local'} cannot be written" in ended.stderr


def test_fresh_refuses_the_database_of_somebody_else(stub: StubCheckout, cluster: Cluster):
    ended = stub.run("serve", "--fresh", DATABASE_URL=cluster.url("owner", "postgres"))
    assert ended.returncode == 1
    assert "which script/server did not make" in ended.stderr
