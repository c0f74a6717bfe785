"""A Kafka that Strimzi looks after: three controllers, three brokers, our topics, and who may do what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from backbone.contracts.grants import PRINCIPALS, Grant, grants
from backbone.contracts.topics import PARTITIONS, all_topics, settings_of

from .network import needed
from .pieces import Manifest, manifest
from .table import PART_OF

API, CLUSTER, PORT = "kafka.strimzi.io/v1", "kafka", 9093
COPIES, IN_SYNC = 3, 2
_LABELS = {"app.kubernetes.io/part-of": PART_OF, "strimzi.io/cluster": CLUSTER}
_OPERATIONS = {"READ": "Read", "WRITE": "Write", "DESCRIBE": "Describe", "DESCRIBE_CONFIGS": "DescribeConfigs"}


def kafka() -> Iterator[Manifest]:
    """The cluster, its nodes, and the way to it."""
    listener = {
        "name": "clients",
        "port": PORT,
        "type": "internal",
        "tls": True,
        "authentication": {"type": "scram-sha-512"},
        "networkPolicyPeers": [
            {"podSelector": {"matchLabels": {"needs-kafka": "true"}}},
            {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "keda"}}},
        ],
    }
    config = {
        "auto.create.topics.enable": False,  # a name mistyped is an error
        "default.replication.factor": COPIES,
        "min.insync.replicas": IN_SYNC,
        "offsets.topic.replication.factor": COPIES,
        "transaction.state.log.replication.factor": COPIES,
        "transaction.state.log.min.isr": IN_SYNC,
    }
    brokers = {"listeners": [listener], "authorization": {"type": "simple"}, "config": config}
    # apart from the Secrets of others: a user's is called kafka-<principal>
    operators = {"topicOperator": {}, "userOperator": {"secretPrefix": "kafka-"}}
    part_of = {"app.kubernetes.io/part-of": PART_OF}
    yield manifest(API, "Kafka", CLUSTER, part_of, spec={"kafka": brokers, "entityOperator": operators})
    yield _pool("controllers", "controller", "5Gi", memory="1Gi")
    yield _pool("brokers", "broker", "50Gi", memory="2Gi")
    brokers_of = {"podSelector": {"matchLabels": {"strimzi.io/cluster": CLUSTER, "strimzi.io/broker-role": "true"}}}
    yield needed("kafka", [brokers_of], [("TCP", PORT)])


def _pool(name: str, role: str, size: str, *, memory: str) -> Manifest:
    volume = {"id": 0, "type": "persistent-claim", "size": size, "deleteClaim": False, "kraftMetadata": "shared"}
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"strimzi.io/pool-name": name}},
    }
    return manifest(
        API,
        "KafkaNodePool",
        name,
        _LABELS,
        spec={
            "replicas": COPIES,
            "roles": [role],
            "storage": {"type": "jbod", "volumes": [volume]},
            "resources": {"requests": {"cpu": "500m", "memory": memory}, "limits": {"memory": memory}},
            "template": {"pod": {"topologySpreadConstraints": [spread]}},
        },
    )


def topics() -> Iterator[Manifest]:
    """The topics of the contracts, with the settings that their promises need."""
    for topic in all_topics():
        spec = {"partitions": PARTITIONS, "replicas": COPIES, "config": settings_of(topic)}
        yield manifest(API, "KafkaTopic", topic.name, _LABELS, spec=spec)


def users() -> Iterator[Manifest]:
    """Every principal, with exactly what `grants` gives it. Strimzi makes its password."""
    for principal in PRINCIPALS:
        rights: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for grant in sorted((one for one in grants() if one.principal == principal), key=_order):
            rights[grant.kind, grant.name, "prefix" if grant.is_prefix else "literal"].append(_OPERATIONS[grant.right])
        acls = [
            {"resource": {"type": kind, "name": name, "patternType": pattern}, "operations": operations}
            for (kind, name, pattern), operations in rights.items()
        ]
        may = {"type": "simple", "acls": acls}
        yield manifest(
            API,
            "KafkaUser",
            principal,
            _LABELS,
            spec={"authentication": {"type": "scram-sha-512"}, "authorization": may},
        )


def _order(grant: Grant) -> tuple[str, str, str]:
    return grant.kind, grant.name, grant.right
