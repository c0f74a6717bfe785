"""How many replicas: by what waits on the topics and among the jobs, by how busy those are who answer people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backbone.contracts.grants import SCALER
from backbone.contracts.topics import HEARD

from .network import health_policy
from .pieces import Manifest, manifest, selector
from .table import HEALTH, PART_OF, PROCESSES, Process

API = "keda.sh/v1alpha1"


def scaling() -> Iterator[Manifest]:
    """What KEDA and the HorizontalPodAutoscaler are told."""
    keys = [("password", f"kafka-{SCALER}", "password"), ("ca", "kafka-cluster-ca-cert", "ca.crt")]
    told = {"sasl": "scram_sha512", "tls": "enable", "username": SCALER}
    yield manifest("v1", "ConfigMap", SCALER, data=told)
    yield manifest(
        API,
        "TriggerAuthentication",
        SCALER,
        spec={
            "configMapTargetRef": [{"parameter": name, "name": SCALER, "key": name} for name in told],
            "secretTargetRef": [{"parameter": name, "name": secret, "key": key} for name, secret, key in keys],
        },
    )
    for process in PROCESSES:
        if process.role == "http":
            yield _by_processor(process)
        elif process.scale.most > process.scale.least:
            yield _by_what_waits(process)
    yield health_policy("keda", "keda-asks-health")


def _by_what_waits(process: Process) -> Manifest:
    scale = process.scale
    return manifest(
        API,
        "ScaledObject",
        process.name,
        selector(process),
        spec={
            "scaleTargetRef": {"name": process.name},
            "pollingInterval": 15,
            # never none: the outbox is told, reminders are sent and deadlines kept by who works
            "minReplicaCount": scale.least,
            "maxReplicaCount": scale.most,
            # where Kafka does not answer KEDA, as many as there are, and not one less
            "fallback": {"failureThreshold": 4, "replicas": scale.least, "behavior": "currentReplicasIfHigher"},
            "advanced": {
                "horizontalPodAutoscalerConfig": {
                    # each change is a rebalance, in which nobody reads: quickly up, slowly and one by one down
                    "behavior": {
                        "scaleUp": {
                            "stabilizationWindowSeconds": 30,
                            "policies": [{"type": "Pods", "value": 2, "periodSeconds": 60}],
                        },
                        "scaleDown": {
                            "stabilizationWindowSeconds": 600,
                            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 120}],
                        },
                    }
                }
            },
            "triggers": [*_lags(process), *_due_jobs(process)],
        },
    )


def _lags(process: Process) -> Sequence[Manifest]:
    return [
        {
            "type": "kafka",
            "metadata": {
                "bootstrapServersFromEnv": "KAFKA_BOOTSTRAP_SERVERS",  # the process's own
                "consumerGroup": process.service,
                "topic": topic.name,
                "lagThreshold": str(process.scale.lag),
                "offsetResetPolicy": "earliest",
                # a partition without lag has no need of a replica, nor one that a message holds up
                "limitToPartitionsWithLag": "true",
                "excludePersistentLag": "true",
            },
            "authenticationRef": {"name": SCALER},
        }
        for topic in HEARD[process.service]
    ]


def _due_jobs(process: Process) -> Sequence[Manifest]:
    if process.scale.jobs is None:
        return []
    kind, per_replica = process.scale.jobs
    # by what the service itself says, the same in each replica: a scaler in its database could read whom mails go to
    asked = {
        "url": f"http://{process.name}.{PART_OF}:{HEALTH}/metrics",
        "format": "prometheus",
        "valueLocation": f'sdi_jobs{{kind="{kind}",state="waiting"}}',
        "targetValue": str(per_replica),
    }
    return [{"type": "metrics-api", "metadata": asked}]


def _by_processor(process: Process) -> Manifest:
    busy = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": process.name},
        "minReplicas": process.scale.least,
        "maxReplicas": process.scale.most,
        "metrics": [{"type": "Resource", "resource": busy}],
    }
    return manifest("autoscaling/v2", "HorizontalPodAutoscaler", process.name, selector(process), spec=spec)
