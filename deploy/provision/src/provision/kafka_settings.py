"""The settings of a Kafka that is one node, broker and controller: our own process's, and our container's."""

from __future__ import annotations

from pathlib import Path


def one_node(clients: str, controller: str, data: Path, *, advertised: str | None = None) -> dict[str, object]:
    """Where it listens (`host:port`), for clients and for itself, and where its records are.

    Its listeners are called CLIENTS and CONTROLLER, and are open until `guard_properties` are added.
    """
    return {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"CLIENTS://{clients},CONTROLLER://{controller}",
        "advertised.listeners": f"CLIENTS://{advertised or clients}",
        "inter.broker.listener.name": "CLIENTS",
        "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": data,
        # a topic is made by the deployment, with its settings; a name mistyped is an error
        "auto.create.topics.enable": "false",
        # there is one node
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "offsets.topic.num.partitions": 4,
        # members of a group come one by one when a stack starts, and nobody wants to wait three seconds for more
        "group.initial.rebalance.delay.ms": 0,
        # back in five seconds after a kill -9 instead of eleven
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
        # the default takes 128 MB of the heap, for logs a thousand times ours
        "log.cleaner.dedupe.buffer.size": 16 * 2**20,
    }


def as_file(settings: dict[str, object]) -> str:
    """The settings as Kafka reads them."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())
