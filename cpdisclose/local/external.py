"""A PostgreSQL that somebody else runs: who gives which address, and the four roles in it."""

import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from .checkout import Checkout
from .errors import LaunchError
from .postgres import DATABASE_SQL, ROLES

OLDEST = 180000


def with_application(url: str, name: str) -> str:
    """The same address; PostgreSQL will show `name`, which needs no quoting, for its connections."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | {"application_name": name}
    return urlunsplit(parts._replace(query=urlencode(query, safe="/")))


def role_urls(given: Mapping[str, str], checkout: Checkout) -> dict[str, str]:
    """The address of each role in the database that DATABASE_URL names.

    Either all three of DATABASE_URL (as app), DATABASE_OWNER_URL and DATABASE_SEQUENCER_URL are given, or
    DATABASE_URL alone belongs to a role that may create roles: then the four are made there, once.
    """
    url = given["DATABASE_URL"]
    owner, sequencer = given.get("DATABASE_OWNER_URL"), given.get("DATABASE_SEQUENCER_URL")
    if owner and sequencer:
        return {"app": url, "owner": owner, "sequencer": sequencer}
    with _connect(url) as connection:
        kept = checkout.read(checkout.local / "roles.json")
        place = _place(connection)
        passwords = {role: kept.get(f"{place} {role}") or secrets.token_urlsafe(24) for role in ROLES}
        if not all(f"{place} {role}" in kept for role in ROLES):
            _refuse_unless_it_can(connection)
            _make_roles(connection, passwords)
            made = {f"{place} {role}": password for role, password in passwords.items()}
            checkout.write(checkout.local / "roles.json", kept | made)
    return {role: _as_role(url, role, password) for role, password in passwords.items()}


def _connect(url: str) -> psycopg.Connection:
    try:
        connection = psycopg.connect(url, connect_timeout=5)
    except psycopg.Error as error:
        raise LaunchError(
            f"DATABASE_URL cannot be reached: {str(error).strip()}",
            "check the address, or unset DATABASE_URL to use the PostgreSQL that comes with this checkout.",
        ) from None
    if connection.info.server_version < OLDEST:
        connection.close()
        raise LaunchError(
            f"DATABASE_URL leads to PostgreSQL {connection.info.server_version // 10000}.",
            "give the address of a PostgreSQL 18 or newer.",
        )
    return connection


def _place(connection: psycopg.Connection) -> str:
    info = connection.info
    return f"{info.host}:{info.port}/{info.dbname}"


def _refuse_unless_it_can(connection: psycopg.Connection) -> None:
    cure = (
        "let an administrator make the roles owner, app, sequencer and auditor (docs/operations.md), then "
        "set DATABASE_URL (as app), DATABASE_OWNER_URL and DATABASE_SEQUENCER_URL; or give in DATABASE_URL "
        "a role that may create roles and owns the database."
    )
    able = connection.execute(
        "SELECT rolsuper OR (rolcreaterole AND pg_has_role(datdba, 'MEMBER'))"
        " FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()"
    ).fetchone()
    if not able or not able[0]:
        raise LaunchError(f"{connection.info.user}, of DATABASE_URL, may not make the database roles.", cure)
    there = connection.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES)]
    ).fetchall()
    if there:
        names = ", ".join(row[0] for row in there)
        raise LaunchError(f"That server has roles of these names already: {names}.", cure)


def _make_roles(connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    for role, password in passwords.items():
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
        )
    connection.execute("GRANT owner TO CURRENT_USER")
    connection.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO owner, app, sequencer, auditor").format(
            sql.Identifier(connection.info.dbname)
        )
    )
    connection.execute(DATABASE_SQL.read_text().encode())
    connection.commit()


def _as_role(url: str, role: str, password: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password)}@{host}"))
