"""Three Kafka nodes on the loopback, each broker and controller: a third of them may be killed."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import KafkaException
from pydantic import SecretStr

from backbone.contracts.grants import PRINCIPALS
from backbone.kafka.cluster import Cluster
from local_stack.kafka import JVM, find_java
from local_stack.keys import make_passwords, write_privately
from local_stack.ports import HOST, free_port
from local_stack.server import Program, Server
from provision.guard import ADMIN, guard_properties, let_in
from provision.kafka_client import admin_client, answers
from provision.kafka_settings import as_file, one_node

NODES = (1, 2, 3)


@dataclass
class ThreeNodes:
    """A cluster where every topic has three copies and a write needs two of them."""

    state: Path
    jars: Path
    replication_factor: int = 3
    _brokers: dict[int, int] = field(default_factory=lambda: {node: free_port() for node in NODES})
    _controllers: dict[int, int] = field(default_factory=lambda: {node: free_port() for node in NODES})
    _servers: dict[int, Server] = field(default_factory=dict)
    _passwords: dict[str, str] = field(default_factory=lambda: make_passwords((ADMIN, *PRINCIPALS)), repr=False)

    @property
    def bootstrap_servers(self) -> str:
        return ",".join(f"{HOST}:{port}" for port in self._brokers.values())

    def cluster(self, principal: str = ADMIN) -> Cluster:
        """The nodes as one of the principals enters them."""
        password = SecretStr(self._passwords[principal])
        return Cluster(self.bootstrap_servers, principal, password, "PLAIN" if principal == ADMIN else "SCRAM-SHA-512")

    def start(self) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        for node in NODES:
            self._format(node, cluster)
            self._servers[node] = Server(self._home(node) / "pid", self._home(node) / "log")
        # the first alone has no quorum and answers nobody: each is waited for only once all are on their way
        for node in NODES[:-1]:
            self._servers[node].start(self._program(node), lambda: True, deadline=60)
        self._servers[NODES[-1]].start(self._program(NODES[-1]), self._are_all_there, deadline=90)
        let_in(self.cluster(), self._passwords)

    def start_again(self, *nodes: int) -> None:
        """Starts these, the last ones that are missing; returns once all are there."""
        for node in nodes[:-1]:
            self._servers[node].start(self._program(node), lambda: True, deadline=60)
        self._servers[nodes[-1]].start(self._program(nodes[-1]), self._are_all_there, deadline=90)

    def freeze(self, node: int) -> None:
        self._signal(node, signal.SIGSTOP)

    def thaw(self, node: int) -> None:
        self._signal(node, signal.SIGCONT)

    def leads(self, node: int) -> bool:
        """Whether the others still take this node for the leader of any partition."""
        try:
            topics = admin_client(self.cluster()).list_topics(timeout=5).topics.values()
        except KafkaException:
            return True  # it was this one that was asked
        return any(partition.leader == node for topic in topics for partition in topic.partitions.values())

    def kill(self, node: int) -> None:
        """kill -9."""
        self._signal(node, signal.SIGKILL)
        self._servers[node].stop()  # which has nothing left to do but to take note

    def _signal(self, node: int, number: signal.Signals) -> None:
        pid = self._servers[node].pid
        assert pid is not None
        os.kill(pid, number)

    def stop(self) -> None:
        for server in self._servers.values():
            server.stop(patience=3.0)  # the last ones have no quorum left to say goodbye to

    def _are_all_there(self) -> bool:
        # an open port is not a registered broker: ask for the list
        if not answers(self.cluster()):
            return False
        return len(admin_client(self.cluster()).list_topics(timeout=2).brokers) == len(NODES)

    def _home(self, node: int) -> Path:
        return self.state / f"kafka-{node}"

    def _program(self, node: int) -> Program:
        properties = str(self._home(node) / "server.properties")
        command = [find_java(), *JVM, "-cp", f"{self.jars}/*", "kafka.Kafka", properties]
        return Program(f"Kafka node {node}", command, properties, self._home(node))

    def _format(self, node: int, cluster: str) -> None:
        home = self._home(node)
        home.mkdir(parents=True)
        write_privately(home / "server.properties", as_file(self._properties(node)))
        words = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(home / "server.properties")]
        command = [find_java(), *JVM, "-cp", f"{self.jars}/*", *words]
        subprocess.run(command, check=True, cwd=home, capture_output=True)

    def _properties(self, node: int) -> dict[str, object]:
        voters = ",".join(f"{id_}@{HOST}:{port}" for id_, port in self._controllers.items())
        clients, controller = f"{HOST}:{self._brokers[node]}", f"{HOST}:{self._controllers[node]}"
        return {
            **one_node(clients, controller, self._home(node) / "data"),
            "node.id": node,
            "controller.quorum.voters": voters,
            "min.insync.replicas": 2,
            "offsets.topic.replication.factor": 3,
            "transaction.state.log.replication.factor": 3,
            "transaction.state.log.min.isr": 2,
            **guard_properties(self._passwords[ADMIN]),
        }
