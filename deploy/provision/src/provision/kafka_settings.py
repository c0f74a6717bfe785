"""The settings of a Kafka node, broker and controller: our own process's, and those of our containers."""

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


CONTAINERS = {1: "kafka", 2: "kafka-2", 3: "kafka-3"}
"""The hosts of docker-compose.yml's nodes, by their ids."""
CLIENTS, CONTROLLERS, OUTSIDE = 9092, 9093, 9094


def containers(brokers: int, outside: str = "") -> dict[str, object]:
    """What the containers' nodes are told, all the same: one, or three where each topic has three copies and a write
    needs two of them. `outside` (host:port): where clients on the machine itself find the first node, if they may.

    A node that is not the first says its own `node.id` and `advertised.listeners` besides.
    """
    if brokers not in (1, 3):
        raise ValueError(f"one broker, or three: not {brokers}")
    nodes = dict(list(CONTAINERS.items())[:brokers])
    here = "127.0.0.1" if brokers == 1 else ""
    data = Path("/var/lib/kafka/data")
    settings = one_node(f":{CLIENTS}", f"{here}:{CONTROLLERS}", data, advertised=f"{CONTAINERS[1]}:{CLIENTS}")
    # as Kafka has it by default: other containers may starve a broker for seconds, which is no reason to give it up
    settings |= {"broker.session.timeout.ms": 9000, "broker.heartbeat.interval.ms": 2000}
    if brokers > 1:
        settings |= {
            "controller.quorum.voters": ",".join(f"{id_}@{host}:{CONTROLLERS}" for id_, host in nodes.items()),
            **dict.fromkeys(("default.replication.factor", "offsets.topic.replication.factor"), brokers),
            **dict.fromkeys(("min.insync.replicas", "transaction.state.log.min.isr"), brokers - 1),
            "transaction.state.log.replication.factor": brokers,
        }
    if outside:
        settings["listeners"] = f"{settings['listeners']},OUTSIDE://:{OUTSIDE}"
        settings["advertised.listeners"] = f"{settings['advertised.listeners']},OUTSIDE://{outside}"
    return settings


def as_file(settings: dict[str, object]) -> str:
    """The settings as Kafka reads them."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())
