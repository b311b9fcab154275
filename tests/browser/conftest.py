"""The site as `script/server` runs it, and people who sit in front of it, each with a browser of their own.

Nothing here touches the database: what a person cannot do with the pages is not done.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, TimeoutError, sync_playwright

from .scrubbed import lines_that_name

ROOT = Path(__file__).resolve().parents[2]
NOT_SHARED = {".local", ".git", ".pytest_cache"}
LAUNCHER = """
import sys
from pathlib import Path
from cpdisclose.local import __main__, checkout
__main__.Checkout = lambda: checkout.Checkout(Path(sys.argv[1]))
sys.exit(__main__.main(["serve"]))
"""
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
)
READY_SECONDS = 300
CODE_SECONDS = 31
SIGN_IN = re.compile(r"^\s+(?P<email>\S+@\S+)\s.*authenticator key (?P<secret>[A-Z2-7]+)$", re.MULTILINE)


def chromium() -> str | None:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser: a loud skip for a person at a desk; script/test makes it a failure in CI."""
    if chromium() is None:
        for item in items:
            if "browser" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="NO CHROMIUM ON THIS MACHINE: browser tests skipped"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure says what each person has before them: the address and the beginning of the page."""
    report = yield
    desk = getattr(item, "funcargs", {}).get("desk")
    if report.failed and desk is not None:
        seen = [
            f"{p.key} at {p.page.url}:\n{' '.join(p.page.locator('main').all_inner_texts())[:700]}"
            for p in desk.people.values()
        ]
        report.sections.append(("what people saw", "\n\n".join(seen)))
    return report


@dataclass
class Site:
    """The address, and who can sign in: e-mail to authenticator key. One password for all.

    `seated`: the cookies of whoever has signed in, for the next module. A code counts once, so that nobody could
    sign in again in the same half minute.
    """

    url: str
    password: str
    keys: dict[str, str]
    log_folder: Path
    mail_folder: Path
    seated: dict[str, StorageState] = field(default_factory=dict)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """A second checkout beside this one: the same files, its own servers and data, for all modules together."""
    folder = Path(tempfile.mkdtemp(prefix="cpd-browser-"))
    folder.chmod(0o755)
    for entry in ROOT.iterdir():
        if entry.name not in NOT_SHARED:
            (folder / entry.name).symlink_to(entry)
    port = _free_port()
    said = folder / "output.txt"
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PG_BIN") if name in os.environ
    }
    with said.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, str(folder)],
            cwd=ROOT,
            env=environment
            | {
                "PORT": str(port),
                "DEMO_REQUESTS": "40",
                "STEP_UP_MINUTES": "120",
                "STATIC_ROOT": str(folder / "collected"),
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while "cpdisclose is ready:" not in said.read_text() or "Ctrl-C" not in said.read_text():
            assert server.poll() is None, said.read_text()
            assert time.monotonic() < deadline, said.read_text()
            time.sleep(0.2)
        text = said.read_text()
        password = re.search(r"Password of everybody: (\S+)", text)
        assert password, text
        keys = {match["email"]: match["secret"] for match in SIGN_IN.finditer(text)}
        yield Site(
            f"http://localhost:{port}",
            password[1],
            keys,
            folder / ".local" / "logs",
            folder / ".local" / "mail",
        )
        logs = folder / ".local" / "logs"
        assert any(path.stat().st_size for path in logs.rglob("*.log")), (
            "nothing was logged, so nothing is proved"
        )
        assert list(lines_that_name(logs)) == []
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one module only: while Playwright's loop runs in this thread, Django refuses its own database."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_FLAGS))
        yield running
        running.close()


def inside(url: str) -> bool:
    return "/account/" not in url


@dataclass
class Person:
    """Somebody at a desk: one browser context, signed in with password and code."""

    key: str
    site: Site
    context: BrowserContext
    page: Page

    @property
    def email(self) -> str:
        return f"{self.key}@desk.example"

    def sign_in(self) -> None:
        self.page.goto(self.site.url + "/")
        self.page.fill("[name=login]", self.email)
        self.page.fill("[name=password]", self.site.password)
        self.page.get_by_role("button", name="Sign in").click()
        self.give_code()
        try:
            self.page.wait_for_url(inside, timeout=10_000)
        except TimeoutError:
            # A code counts once: if the same person came in a moment ago by another door, the next one is due.
            time.sleep(CODE_SECONDS)
            self.give_code()
            self.page.wait_for_url(inside)

    def give_code(self) -> None:
        self.page.fill("[name=code]", pyotp.TOTP(self.site.keys[self.email]).now())
        self.page.get_by_role("button", name="Sign in").click()

    def opens(self, path: str) -> int:
        """The status of the answer."""
        response = self.page.goto(self.site.url + path)
        assert response is not None
        return response.status

    def sees(self, text: str) -> bool:
        return text in self.page.locator("body").inner_text()

    def unfolds(self) -> None:
        """Opens what is folded on the page."""
        for details in self.page.locator("main details").all():
            details.evaluate("details => details.open = true")


@dataclass
class Desk:
    """People come in when they are first asked for."""

    site: Site
    browser: Browser
    people: dict[str, Person] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Person:
        if key not in self.people:
            seated = self.site.seated.get(key)
            context = self.browser.new_context(
                locale="en-GB", timezone_id="Europe/London", storage_state=seated
            )
            page = context.new_page()
            page.set_default_timeout(20_000)
            self.people[key] = Person(key, self.site, context, page)
            if seated is None:
                self.people[key].sign_in()
        return self.people[key]

    def leave(self) -> None:
        for key, person in self.people.items():
            self.site.seated[key] = person.context.storage_state()
            person.context.close()


@pytest.fixture(scope="module")
def desk(site: Site, browser: Browser) -> Iterator[Desk]:
    everybody = Desk(site, browser)
    yield everybody
    everybody.leave()
