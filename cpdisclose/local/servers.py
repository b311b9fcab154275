"""The database and the broker of this checkout: made, started or merely found."""

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .checkout import Checkout
from .errors import LaunchError
from .external import role_urls, with_application
from .guard import PREFIX
from .postgres import ROLES, Cluster
from .valkey import Valkey

DATABASE = "cpdisclose"
HALF_MADE = "cpdisclose_half_made"


@dataclass(frozen=True)
class Addresses:
    """`databases` has one address a role; `mark` is empty unless the launcher made the database."""

    databases: Mapping[str, str]
    broker: str
    mark: str

    def database(self, role: str, application: str) -> str:
        return with_application(self.databases[role], f"cpdisclose-{application}")


class Servers:
    """`cluster` and `valkey` are None where DATABASE_URL and REDIS_URL name somebody else's."""

    def __init__(self, checkout: Checkout, given: Mapping[str, str]) -> None:
        self.checkout = checkout
        self._given = given
        embedded = not given.get("DATABASE_URL")
        self.cluster = Cluster(checkout.postgres(), log=checkout.log("postgresql")) if embedded else None
        self.valkey = (
            Valkey(checkout.valkey, log=checkout.log("valkey")) if not given.get("REDIS_URL") else None
        )

    def make_cluster(self) -> bool:
        """True if there was none."""
        if self.cluster is None or self.cluster.exists:
            return False
        if self.cluster.data.exists():
            # initdb was interrupted: nothing was ever stored here.
            shutil.rmtree(self.cluster.data)
        self.cluster.create()
        return True

    def make_database(self, *, fresh: bool) -> None:
        """Call it when the cluster answers and Valkey does not run. `fresh` drops what was there, if it is ours."""
        if self.cluster is None:
            if fresh:
                raise LaunchError(
                    "--fresh would empty the database of DATABASE_URL, which script/server did not make.",
                    "unset DATABASE_URL to start the local demo over, or empty that database yourself.",
                )
            return
        there = self.cluster.has_database(DATABASE)
        if there and fresh:
            self._refuse_unless_ours(self.cluster)
            self.cluster.drop_database(DATABASE)
            there = False
            self.checkout.secrets.unlink(missing_ok=True)
            for folder in (self.checkout.mail, self.checkout.valkey):
                shutil.rmtree(folder)
                folder.mkdir(mode=0o700)
        if not there:
            self.cluster.create_roles()
            self.checkout.prepared.unlink(missing_ok=True)
            mark = PREFIX + secrets.token_hex(8)
            self.checkout.mark.write_text(mark)
            self.cluster.drop_database(HALF_MADE)
            self.cluster.create_database(HALF_MADE, mark=mark)
            self.cluster.rename_database(HALF_MADE, DATABASE)

    def addresses(self) -> Addresses:
        """Of servers that run."""
        if self.cluster is None:
            databases = role_urls(self._given, self.checkout)
        else:
            databases = {role: self.cluster.url(role, DATABASE) for role in ROLES}
        broker = self.valkey.url if self.valkey else self._given["REDIS_URL"]
        return Addresses(databases, broker, self._mark() if self.cluster else "")

    def announce(self, *, pid: int, port: int) -> None:
        """Tell script/manage where they are."""
        found = {"pid": str(pid), "port": str(port)}
        if self.cluster and self.cluster.sockets:
            found["postgresql"] = str(self.cluster.sockets)
        if self.valkey and self.valkey.sockets:
            found["valkey"] = str(self.valkey.sockets)
        self.checkout.write(self.checkout.running, found)

    def withdraw(self, *, pid: int) -> None:
        """Take back what `announce` said."""
        if self.checkout.read(self.checkout.running).get("pid") == str(pid):
            self.checkout.running.unlink()

    def attach(self) -> bool:
        """Use what another process of this checkout announced; False if it announced too little."""
        found = self.checkout.read(self.checkout.running)
        if (self.cluster and "postgresql" not in found) or (self.valkey and "valkey" not in found):
            return False
        if self.cluster:
            self.cluster.attach(Path(found["postgresql"]))
        if self.valkey:
            self.valkey.attach(Path(found["valkey"]))
        return True

    def stop(self) -> None:
        """What runs of them, and their sockets."""
        for server in (self.cluster, self.valkey):
            if server:
                server.stop()

    def sweep_up(self) -> None:
        """Call it under the lock: what a killed predecessor announced is no longer there."""
        found = self.checkout.read(self.checkout.running)
        for name in ("postgresql", "valkey"):
            if name in found:
                shutil.rmtree(found[name], ignore_errors=True)
        self.checkout.running.unlink(missing_ok=True)

    def _mark(self) -> str:
        return self.checkout.mark.read_text() if self.checkout.mark.exists() else ""

    def _refuse_unless_ours(self, cluster: Cluster) -> None:
        mark = cluster.mark_of(DATABASE)
        if not mark or mark != self._mark():
            raise LaunchError(
                f"The database in {cluster.home} does not carry this checkout's mark: --fresh refuses it.",
                f"move it away (pg_dump it first if it matters), then remove {cluster.home} by hand.",
            )
