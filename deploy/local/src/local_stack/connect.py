"""Kafka Connect on one machine, with Debezium in it: one worker, by the files of `deploy/debezium`."""

from __future__ import annotations

import json
import tarfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from backbone.kafka.cluster import Cluster
from provision.databases import database_of

from .kafka import find_java
from .ports import HOST, free_port
from .server import Program, Server, Standing
from .state import private

SHIPPED = Path(__file__).parents[3] / "debezium"
LOG4J = Path(__file__).parent / "log4j2.properties"
JVM = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={LOG4J}")


def connector_of(service: str) -> dict[str, Any]:
    """The shipped connector, of a service's outbox: its name, and its configuration."""
    shipped = (SHIPPED / "outbox.json").read_text()
    connector: dict[str, Any] = json.loads(shipped.replace("SERVICE", database_of(service)))
    return connector


class LocalConnect(Standing):
    """One worker on the loopback, which tells outboxes as the principal and the role `debezium`."""

    def __init__(self, state_dir: Path, jars: Path, kafka: Cluster, postgres: str, password: str) -> None:
        """`postgres`: host:port. `password`: of the role; the principal's is in `kafka`."""
        self._home, self._jars = state_dir.resolve() / "connect", jars
        self.log = self._home.with_suffix(".log")
        self._server = Server(self._home.with_suffix(".pid"), self.log)
        self.listens = f"{HOST}:{free_port()}"  # for its own interface
        host, port = postgres.split(":")
        self._environment = {
            "KAFKA_BOOTSTRAP_SERVERS": kafka.servers,
            "KAFKA_SECURITY_PROTOCOL": kafka.protocol,
            "KAFKA_PASSWORD": kafka.password.get_secret_value() if kafka.password else "",
            "CONNECT_LISTEN": self.listens,
            "DATABASE_HOST": host,
            "DATABASE_PORT": port,
            "DATABASE_PASSWORD": password,
        }

    @property
    def pid(self) -> int | None:
        """The worker's process id while it runs."""
        return self._server.pid

    def start(self) -> None:
        """Starts the worker, and waits until it answers; what it told before, it goes on with."""
        private(self._home)
        with tarfile.open(next(self._jars.glob("debezium-connector-postgres-*-plugin.tar.gz"))) as plugin:
            plugin.extractall(self._home / "plugins", filter="data")
        worker = SHIPPED / "worker.properties"
        program = Program(
            name="Kafka Connect",
            argv=[find_java(), *JVM, "-cp", f"{self._jars}/*", _WORKER, str(worker), f"-Dhome={self._home}"],
            mark=f"-Dhome={self._home}",
            cwd=self._home,
            environment=self._environment,
        )
        self._server.end_orphan(program)
        self._server.start(program, self._answers, deadline=90)

    def stop(self) -> None:
        """Lets the worker write down how far it has told, and stops it."""
        self._server.stop()

    def put(self, connector: dict[str, Any]) -> None:
        """Begins a connector, or changes it."""
        self.ask("PUT", f"/connectors/{connector['name']}/config", connector["config"])

    def states(self, name: str) -> list[str]:
        """Of a connector and its task: RUNNING, PAUSED, FAILED and what else Connect says; none while it has none."""
        try:
            said = self.ask("GET", f"/connectors/{name}/status")
        except urllib.error.HTTPError:  # 404: not yet; 409: the workers are sharing out
            return []
        return [said["connector"]["state"], *(task["state"] for task in said["tasks"])]

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What Connect's own interface answers."""
        request = urllib.request.Request(
            f"http://{self.listens}{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (our own worker)
                said = answer.read()
        except urllib.error.HTTPError as error:
            error.add_note(error.read().decode(errors="replace"))  # what is wrong with a configuration, for one
            raise
        return json.loads(said) if said else None

    def _answers(self) -> bool:
        try:
            self.ask("GET", "/connectors")
        except OSError:  # HTTP's errors are some of them
            return False
        return True


_WORKER = "org.apache.kafka.connect.cli.ConnectDistributed"
