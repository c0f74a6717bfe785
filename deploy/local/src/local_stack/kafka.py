"""Apache Kafka on one machine: one node that is broker and controller, started without its scripts."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from backbone.contracts.grants import PRINCIPALS
from backbone.kafka.cluster import Cluster, Mechanism
from provision.errors import CannotStart, told_in_one_line
from provision.guard import ADMIN, guard_properties, let_in
from provision.kafka_client import answers
from provision.kafka_settings import as_file, one_node

from .errors import explain, need_disk
from .keys import make_passwords, write_privately
from .ports import HOST, free_port
from .server import Program, Server, Standing
from .state import private

DISK_MB = 300
LOG4J = Path(__file__).parent / "log4j2.properties"
# a small heap, and no optimising compiler: the node is up in a second and a half and in 300 MB
JVM = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={LOG4J}")


class LocalKafka(Standing):
    """One KRaft node on the loopback; its topics and their records are kept in `state_dir`.

    It lets in the admin, who may do everything, and each service and person as far as `backbone.contracts.grants` goes;
    `guarded=False` lets in everyone: for tests that are about something else. `settings` are added to the broker's own.
    """

    replication_factor = 1
    survives_a_stop = True

    def __init__(
        self, state_dir: Path, jars: Path, *, guarded: bool = True, settings: Mapping[str, object] | None = None
    ) -> None:
        self._home = state_dir.resolve() / "kafka"
        self._data = self._home / "data"
        self._properties = self._home / "server.properties"
        self.log = self._home.with_suffix(".log")
        self._keys_file = self._home.with_suffix(".json")
        self._server = Server(self._home.with_suffix(".pid"), self.log)
        self._jars = jars
        self._guarded, self._more_settings = guarded, settings or {}
        self._port: int | None = None
        self._passwords: dict[str, str] = {}

    @property
    def announcement(self) -> str:
        """One line for the person who starts the stack, to be said before the start too."""
        return f"Kafka: Apache Kafka 4.3.1, one node of our own, its data in {self._home}"

    @property
    def bootstrap_servers(self) -> str:
        """How clients reach it."""
        if self._port is None:
            raise RuntimeError("Kafka has not been started: its port is chosen then")
        return f"{HOST}:{self._port}"

    @property
    def address(self) -> str:
        """Where it is, for whoever watches it."""
        return self.bootstrap_servers

    def cluster(self, principal: str = ADMIN) -> Cluster:
        """The node as the admin, or one of `backbone.contracts.grants.PRINCIPALS`, enters it."""
        if not self._guarded:
            return Cluster(self.bootstrap_servers)
        password = SecretStr(self._passwords[principal])
        how: Mechanism = "PLAIN" if principal == ADMIN else "SCRAM-SHA-512"
        return Cluster(self.bootstrap_servers, principal, password, how)

    @property
    def pid(self) -> int | None:
        """The node's process id while it runs."""
        return self._server.pid

    @property
    def exit_code(self) -> int | None:
        """With what it ended by itself, or was killed."""
        return self._server.exit_code

    def start(self) -> None:
        """Formats the data folder at the first start, starts the node, waits until it answers, lets people in."""
        java = find_java()
        with told_in_one_line():
            program = self._prepare(java)
        # after a kill -9 the controller waits out the old session first: 5 seconds instead of 2
        self._server.start(program, lambda: answers(self.cluster()), deadline=60)
        if self._guarded:
            try:
                let_in(self.cluster(), self._passwords)
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """Writes everything to disk and stops the node."""
        self._server.stop()

    def _prepare(self, java: str) -> Program:
        private(self._home)  # the log holds people's names and addresses
        need_disk(self._home, DISK_MB, "Apache Kafka")
        command = [java, *JVM, "-cp", f"{self._jars}/*"]
        program = Program(
            name="Apache Kafka",
            argv=[*command, "kafka.Kafka", str(self._properties)],
            mark=str(self._properties),
            cwd=self._home,
        )
        self._server.end_orphan(program)
        self._write_properties()
        if not (self._data / "meta.properties").exists():
            self._format(command, program)
        return program

    def _write_properties(self) -> None:
        kept = json.loads(self._keys_file.read_text()) if self._keys_file.exists() else {}
        self._port = free_port(kept.get("broker"))
        controller = free_port(kept.get("controller"))
        self._passwords = make_passwords((ADMIN, *PRINCIPALS)) | kept.get("passwords", {})
        keys = {"broker": self._port, "controller": controller, "passwords": self._passwords}
        write_privately(self._keys_file, json.dumps(keys))
        guard = guard_properties(self._passwords[ADMIN]) if self._guarded else {}
        settings = one_node(f"{HOST}:{self._port}", f"{HOST}:{controller}", self._data)
        write_privately(self._properties, as_file({**settings, **guard, **self._more_settings}))

    def _format(self, command: list[str], program: Program) -> None:
        shutil.rmtree(self._data, ignore_errors=True)  # a format cut short; nothing was in it yet
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # with « = », because one id in 64 begins with a hyphen
        words = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(self._properties)]
        with self.log.open("wb") as log:
            done = subprocess.run([*command, *words], check=False, stdout=log, stderr=log, **program.who_and_where())
        if done.returncode != 0:
            raise explain("Apache Kafka", self.log)


def find_java() -> str:
    """The path of a Java 17 or newer, from `JAVA_HOME` or the PATH; raises CannotStart where there is none."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        raise CannotStart("Apache Kafka needs Java 17 or newer: sudo apt-get install openjdk-17-jre-headless")
    done = subprocess.run([java, "-version"], check=False, capture_output=True, text=True)
    version = re.search(r'version "(\d+)', done.stderr)
    if version is None or int(version[1]) < 17:
        said = (done.stderr.splitlines() or ["nothing"])[0]
        raise CannotStart(f"Apache Kafka needs Java 17 or newer, and {java} says: {said}")
    return java
