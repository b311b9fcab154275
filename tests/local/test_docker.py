"""What production is made from, as far as it can be tried without a container engine."""

import base64
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cpdisclose.local.postgres import LOCALE, ROLES, SUPERUSER, Cluster, find_binaries

ROOT = Path(__file__).resolve().parents[2]

RIGHTS = """
SELECT d.datacl::text, (SELECT array_agg(a.defaclacl::text ORDER BY a.defaclobjtype) FROM pg_default_acl a),
    (SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public'),
    (SELECT array_agg(extname ORDER BY extname) FROM pg_extension),
    (SELECT array_agg(rolname || ' ' || rolcanlogin || rolsuper || rolcreaterole || rolcreatedb ORDER BY rolname)
     FROM pg_roles WHERE rolname = ANY(%s)),
    (SELECT array_agg(setconfig::text) FROM pg_db_role_setting)
FROM pg_database d WHERE d.datname = current_database()
"""


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docker") / "secrets"
    _make_secrets(folder)
    return folder


def _make_secrets(folder: Path) -> None:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, ROOT / "docker" / "make_secrets.py", folder], env=env, check=True)


def test_the_init_script_gives_the_rights_that_the_launcher_gives(
    secrets: Path, new_cluster: Callable[[], Cluster]
):
    cluster = new_cluster()
    psql = {"PGHOST": str(cluster.sockets), "PGPASSWORD": cluster.password(SUPERUSER)}
    script = {"SECRETS": str(secrets), "DATABASE_SQL": str(ROOT / "cpdisclose" / "local" / "database.sql")}
    with cluster.connect(SUPERUSER, SUPERUSER) as connection:
        connection.execute("CREATE DATABASE scripted")
    subprocess.run(
        ["/bin/bash", ROOT / "docker" / "initdb.sh"],
        env={"PATH": f"{find_binaries()}:{os.defpath}", "POSTGRES_USER": SUPERUSER, "POSTGRES_DB": "scripted"}
        | psql
        | script,
        check=True,
        capture_output=True,
    )
    cluster.create_database("launched", mark="x")
    found = []
    for name in ("scripted", "launched"):
        with cluster.connect(SUPERUSER, name) as connection:
            found.append(connection.execute(RIGHTS, [list(ROLES)]).fetchone())
    assert found[0] == found[1]
    for role in ROLES:
        address = f"postgresql://{role}@/scripted?host={cluster.sockets}"
        password = (secrets / f"postgres_{role}_password").read_text()
        psycopg.connect(address, password=password).close()


def test_the_container_sorts_as_the_launcher_does():
    compose = (ROOT / "docker-compose.yml").read_text()
    assert all(option in compose for option in LOCALE)


def test_every_secret_of_the_compose_file_is_made(secrets: Path):
    named = {
        line.split("./secrets/")[1].rstrip("}\n")
        for line in (ROOT / "docker-compose.yml").read_text().splitlines()
        if "file: ./secrets/" in line
    }
    assert named <= {path.name for path in secrets.iterdir()}
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700


def test_the_public_keys_belong_to_the_signing_keys(secrets: Path):
    pairs = [
        dict(part.split(":") for part in (secrets / name).read_text().split(","))
        for name in ("audit_signing_keys", "audit_verifier_keys")
    ]
    for log in ("main", "sealed"):
        seed, public = (base64.b64decode(keys[log]) for keys in pairs)
        assert Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw() == public


def test_secrets_that_exist_are_kept(secrets: Path):
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    _make_secrets(secrets)
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before
