"""A PostgreSQL of the tests' own: made in a temporary folder, on loopback, durable as a real one, gone at the end."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LONGEST_START = 300.0
"""Seconds. It ends what hangs: a server that starts slowly on a busy machine is no missing one."""
UNPRIVILEGED = ("postgres", "nobody")
"""PostgreSQL refuses to run as root; the first of these that exists runs it then."""


class NoPostgres(Exception):
    """There is no server to be had here; the message says why."""


@dataclass
class Server:
    """A server that runs; each test makes its own database on it."""

    url: str
    """SQLAlchemy's address, without a database."""
    _folder: Path = Path()
    _port: int = 0
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        """Start it on its folder and wait until it can be reached."""
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_binary("postgres"), "-D", self._folder / "data", "-p", str(self._port), *settings],
                **_ownership(),
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + LONGEST_START
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise NoPostgres("the server does not start:\n" + (self._folder / "log").read_text())
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it and every connection: SIGINT in order, SIGQUIT at once and with a recovery at the next start."""
        if self._process is not None:
            self._process.send_signal(how)  # which does nothing to one that has ended by itself
            self._process.wait(30)
            self._process = None

    def _is_ready(self) -> bool:
        """Whether it takes connections, by its own word."""
        word = self._folder / "data" / "postmaster.pid"
        return word.exists() and "ready" in word.read_text()


@contextmanager
def server() -> Iterator[Server]:
    """A new, empty server; raises NoPostgres where there is none."""
    folder = Path(tempfile.mkdtemp(prefix="shipmate-postgres-"))
    try:
        if user := _user():
            os.chown(folder, user.pw_uid, user.pw_gid)
        made = subprocess.run(
            # Unsynced is only the empty cluster; the server itself syncs.
            [
                _binary("initdb"),
                "--no-sync",
                "-D",
                folder / "data",
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-locale",
            ],
            **_ownership(),
            check=False,
            cwd=folder,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise NoPostgres(f"initdb failed: {made.stderr}")
        running = _started(folder)
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path) -> Server:
    """On a free port; somebody may be faster to take it, so it is tried again."""
    for last in (False, False, True):
        port = _free_port()
        made = Server(f"postgresql+asyncpg://postgres@127.0.0.1:{port}", folder, port)
        try:
            made.start()
        except NoPostgres:
            made.stop()
            if last:
                raise
        else:
            break
    return made


def _binary(name: str) -> str:
    """Where Debian keeps it, newest version first, else on the PATH."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(versions, key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0, default=None)
    found = newest or shutil.which(name)
    if found is None:
        raise NoPostgres(f"PostgreSQL's {name} is neither below /usr/lib/postgresql nor on the PATH")
    return str(found)


def _user() -> pwd.struct_passwd | None:
    """Who runs the server when we are root."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("the tests run as root, and there is no unprivileged user to run PostgreSQL")


def _ownership() -> dict[str, Any]:
    user = _user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
