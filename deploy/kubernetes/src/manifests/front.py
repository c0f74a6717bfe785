"""The shipped front (deploy/proxy) with the same limits, led to the services by their names in a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .pieces import CONTAINER_SECURITY, POD_SECURITY, Manifest, labels, manifest, probe
from .table import FRONT, HEALTH, PART_OF, SHOWN

_LABELS = labels("front", "front")
_FOUND_BY = {key: text for key, text in _LABELS.items() if not key.endswith("part-of")}
_FILES = ("main.conf", "limits.conf", "pass.conf", "uploads.conf", "hsts.conf", "tls.conf")


def front(proxy: Path) -> Iterator[Manifest]:
    """The front, from the folder of its configuration; it ends TLS itself, so that it sees who asks."""
    yield manifest("v1", "ConfigMap", "front", _LABELS, data=configuration(proxy))
    yield _deployment()
    yield manifest(
        "policy/v1",
        "PodDisruptionBudget",
        "front",
        _LABELS,
        spec={"maxUnavailable": 1, "selector": {"matchLabels": _FOUND_BY}},
    )
    ports = [{"name": "https", "port": 443, "targetPort": FRONT}, {"name": "http", "port": 80, "targetPort": 8080}]
    yield manifest(
        "v1",
        "Service",
        "front",
        _LABELS,
        # Local: the address of who asks stays what it is, and limits are counted by it
        spec={"type": "LoadBalancer", "externalTrafficPolicy": "Local", "selector": _FOUND_BY, "ports": ports},
    )


def configuration(proxy: Path) -> dict[str, str]:
    """The files of deploy/proxy, with a cluster's words in place of Docker's; ValueError where those are not found."""
    files = {name: (proxy / name).read_text() for name in _FILES}
    # nginx resolves names as they stand, without the domains that a pod's own resolver would try
    docker = "resolver 127.0.0.11 valid=10s ipv6=off; # Docker's own"
    cluster = "resolver kube-dns.kube-system.svc.cluster.local valid=10s ipv6=off; # the cluster's own"
    files["limits.conf"] = _instead(files["limits.conf"], docker, cluster)
    # asked by the kubelet, which is not inside the pod
    files["tls.conf"] = _instead(files["tls.conf"], f"listen 127.0.0.1:{HEALTH};", f"listen {HEALTH};")
    for service in SHOWN:
        full = f"{service}.{PART_OF}.svc.cluster.local:8000"
        files = {name: text.replace(f"{service}:8000", full) for name, text in files.items()}
    return files


def _instead(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise ValueError(f"deploy/proxy no longer says, once: {old}")
    return text.replace(old, new)


def _deployment() -> Manifest:
    certificate = [{"key": "tls.crt", "path": "certificate.pem"}, {"key": "tls.key", "path": "key.pem"}]
    container = {
        "name": "front",
        "image": "semaine-industrie/proxy",
        "args": ["tls.conf"],
        "ports": [{"name": "https", "containerPort": FRONT}, {"name": "http", "containerPort": 8080}],
        "volumeMounts": [
            {"name": "configuration", "mountPath": "/etc/proxy", "readOnly": True},
            {"name": "tls", "mountPath": "/etc/proxy/tls", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 (the pod's own)
        ],
        "securityContext": CONTAINER_SECURITY,
        "resources": {
            "requests": {"cpu": "100m", "memory": "64Mi"},
            "limits": {"memory": "256Mi", "ephemeral-storage": "1Gi"},
        },
        "livenessProbe": probe("/health/ready", HEALTH, every=10, times=3),
        "readinessProbe": probe("/health/ready", HEALTH, every=5, times=2),
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
    }
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": _FOUND_BY},
    }
    pod = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": POD_SECURITY,
        "terminationGracePeriodSeconds": 30,
        "topologySpreadConstraints": [spread],
        "containers": [container],
        "volumes": [
            {"name": "configuration", "configMap": {"name": "front"}},
            {"name": "tls", "secret": {"secretName": "front-tls", "defaultMode": 0o440, "items": certificate}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "512Mi"}},
        ],
    }
    # it reaches what it leads to by a policy of its own, and asks the cluster where that is
    told = {"labels": _LABELS | {"needs-dns": "true"}}
    spec = {
        "replicas": 2,
        "revisionHistoryLimit": 3,
        "selector": {"matchLabels": _FOUND_BY},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": {"metadata": told, "spec": pod},
    }
    return manifest("apps/v1", "Deployment", "front", _LABELS, spec=spec)
