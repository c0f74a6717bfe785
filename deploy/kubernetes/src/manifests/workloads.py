"""The deployments of the five services, what leads to them, and the jobs that bring their databases up to date."""

from __future__ import annotations

from collections.abc import Iterator

from provision.databases import SERVICES

from .pieces import (
    CONTAINER_SECURITY,
    POD_SECURITY,
    Manifest,
    labels,
    manifest,
    needs,
    probe,
    secret_volume,
    selector,
)
from .table import HEALTH, HTTP, PROCESSES, SHOWN, Process

STOP_WITHIN_SECONDS = 40
GRACE_SECONDS = (
    60  # 5 in which the front hears that the pod goes, 40 to end what is under way, and room to say what hung
)
EDITIONS = "/editions"


def workloads() -> Iterator[Manifest]:
    """For each process its deployment and its budget; and the services by which others reach them."""
    for process in PROCESSES:
        yield _deployment(process)
        yield _budget(process)
        yield _service(process)


def migrations() -> Iterator[Manifest]:
    """For each database a job that brings it to what this version needs. Pods wait for it, so that order is no
    matter; a job is made anew for each version, which Argo CD and Flux know by its annotations."""
    for service in SERVICES:
        (process,) = [one for one in PROCESSES if one.service == service][:1]
        yield _migration(process)


def _deployment(process: Process) -> Manifest:
    pod_labels = labels(process.service, process.role) | needs(process.needs)
    # a replica more than before would be another rebalance, and asks the national service more than it answers
    rolling = {"maxSurge": 0, "maxUnavailable": 1} if process.hears else {"maxSurge": 1, "maxUnavailable": 0}
    return manifest(
        "apps/v1",
        "Deployment",
        process.name,
        labels(process.service, process.role),
        spec={
            "replicas": process.scale.least,
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": selector(process)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
            "template": {"metadata": {"labels": pod_labels}, "spec": _pod(process)},
        },
    )


def _pod(process: Process) -> Manifest:
    waits = _container(process, "await-migrations", ["await-migrations"])
    return _bare_pod(process) | {
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": selector(process)},
            }
        ],
        "initContainers": [waits],
        "containers": [_container(process, process.service, [process.role]) | _running(process)],
    }


def _bare_pod(process: Process) -> Manifest:
    volumes = [
        secret_volume("database", f"database-{process.service}", "url", "url"),
        secret_volume("postgres-ca", "postgres-ca", "ca.crt", "ca.crt", optional=True),
        {"name": "editions", "configMap": {"name": "editions"}},
        {"name": "tmp", "emptyDir": {"sizeLimit": "512Mi"}},
    ]
    if process.hears:
        volumes += [
            secret_volume("kafka", f"kafka-{process.service}", "password", "password"),
            secret_volume("kafka-ca", "kafka-cluster-ca-cert", "ca.crt", "ca.crt", optional=True),
        ]
    if process.signs:
        volumes.append(secret_volume("signing-key", "registration-signing-key", "key.pem", "key.pem"))
    if process.seals:
        volumes.append(secret_volume("webhooks-key", "map-feed-webhooks-key", "key", "key"))
    if process.mails:
        volumes.append(secret_volume("mail", "mail", "url", "url"))
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": POD_SECURITY,
        "volumes": volumes,
    }


def _container(process: Process, name: str, args: list[str]) -> Manifest:
    settings = [{"configMapRef": {"name": name}} for name in ("settings", "postgres")]
    mounts = [_read_only("database"), _read_only("postgres-ca"), _read_only("editions", EDITIONS)]
    mounts.append({"name": "tmp", "mountPath": "/tmp"})  # noqa: S108 (the pod's own)
    env: list[Manifest] = [{"name": "DATABASE_URL_FILE", "value": "/secrets/database/url"}]
    if process.hears:
        settings.append({"configMapRef": {"name": "kafka"}})
        mounts += [_read_only("kafka"), _read_only("kafka-ca")]
        env.append({"name": "KAFKA_USERNAME", "value": process.service})
        env.append({"name": "KAFKA_PASSWORD_FILE", "value": "/secrets/kafka/password"})
    else:
        # must be told, and is never asked: this role writes into its outbox alone, and has no password for Kafka
        servers = {"configMapKeyRef": {"name": "kafka", "key": "KAFKA_BOOTSTRAP_SERVERS"}}
        env.append({"name": "KAFKA_BOOTSTRAP_SERVERS", "valueFrom": servers})
    if process.signs:
        mounts.append(_read_only("signing-key"))
        env.append({"name": "SIGNING_KEY_FILE", "value": "/secrets/signing-key/key.pem"})
    if process.seals:
        mounts.append(_read_only("webhooks-key"))
        env.append({"name": "WEBHOOKS_KEY_FILE", "value": "/secrets/webhooks-key/key"})
    if process.mails:
        mounts.append(_read_only("mail"))
        env.append({"name": "MAIL_URL_FILE", "value": "/secrets/mail/url"})
    elif process.service == "commskit":
        env.append({"name": "MAIL_URL", "value": "memory:"})  # must be told, and is never asked: who mails is the other
    return {
        "name": name,
        "image": f"semaine-industrie/{process.service}",
        "args": args,
        "envFrom": settings,
        "env": env,
        "volumeMounts": mounts,
        "securityContext": CONTAINER_SECURITY,
        # no limit of processor time: who is throttled misses its heartbeats, and Kafka takes its partitions away
        "resources": {
            "requests": {"cpu": process.cpu, "memory": f"{process.memory.request}Mi"},
            "limits": {"memory": f"{process.memory.limit}Mi", "ephemeral-storage": "1Gi"},
        },
    }


def _read_only(name: str, path: str = "") -> Manifest:
    return {"name": name, "mountPath": path or f"/secrets/{name}", "readOnly": True}


def _running(process: Process) -> Manifest:
    ports = [{"name": "health", "containerPort": HEALTH}]
    running: Manifest = {
        "startupProbe": probe("/health/live", "health", every=2, times=60),
        "livenessProbe": probe("/health/live", "health", every=10, times=3),
        "readinessProbe": probe("/health/ready", "health", every=5, times=2),
    }
    if process.role == "http":
        ports.insert(0, {"name": "http", "containerPort": HTTP})
        # until every node knows that it goes, requests still come
        running["lifecycle"] = {"preStop": {"sleep": {"seconds": 5}}}
    return {"ports": ports, **running}


def _budget(process: Process) -> Manifest:
    return manifest(
        "policy/v1",
        "PodDisruptionBudget",
        process.name,
        labels(process.service, process.role),
        # not `minAvailable`: with one replica it would let no node be emptied
        spec={"maxUnavailable": 1, "selector": {"matchLabels": selector(process)}},
    )


def _service(process: Process) -> Manifest:
    """Who answers people is reached by the service's name; of who works, KEDA asks how much waits."""
    shown = process.role == "http" and process.service in SHOWN
    port = {"name": "http", "port": HTTP, "targetPort": "http"}
    health = {"name": "health", "port": HEALTH, "targetPort": "health"}
    return manifest(
        "v1",
        "Service",
        process.service if shown else process.name,
        labels(process.service, process.role),
        spec={"selector": selector(process), "ports": [port] if shown else [health]},
    )


def _migration(process: Process) -> Manifest:
    service = process.service
    silent = Process(service, "http", (), process.memory, process.cpu, process.scale, process.signs, process.mails)
    job = manifest(
        "batch/v1",
        "Job",
        f"migrate-{service}",
        labels(service, "migrate"),
        spec={
            "backoffLimit": 10,
            "ttlSecondsAfterFinished": 7 * 24 * 3600,
            "template": {
                "metadata": {"labels": labels(service, "migrate") | needs(("dns", "postgres"))},
                "spec": _bare_pod(silent)
                | {"restartPolicy": "OnFailure", "containers": [_container(silent, "migrate", ["migrate"])]},
            },
        },
    )
    job["metadata"]["annotations"] = {
        "argocd.argoproj.io/hook": "Sync",
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
        "kustomize.toolkit.fluxcd.io/force": "enabled",
    }
    return job
