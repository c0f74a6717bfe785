"""The small pieces that manifests are put together from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .table import PART_OF, USER, Need, Process

Manifest = dict[str, Any]
"""One object as Kubernetes takes it."""

POD_SECURITY: Manifest = {
    "runAsNonRoot": True,
    "runAsUser": USER,
    "runAsGroup": USER,
    "fsGroup": USER,  # by its group it reads the secrets, which are root's
    "seccompProfile": {"type": "RuntimeDefault"},
}
CONTAINER_SECURITY: Manifest = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def labels(name: str, component: str) -> dict[str, str]:
    """How an object is found: by its service (`name`) and its role (`component`)."""
    return {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": PART_OF,
    }


def needs(what: Sequence[Need]) -> dict[str, str]:
    """The labels by which the network lets a pod through."""
    return {f"needs-{need}": "true" for need in what}


def selector(process: Process) -> dict[str, str]:
    """What its deployment and its policies find it by."""
    return {key: text for key, text in labels(process.service, process.role).items() if not key.endswith("part-of")}


def manifest(api: str, kind: str, name: str, told: Mapping[str, str] | None = None, **rest: Any) -> Manifest:
    """An object with its name and its labels, then all else."""
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "labels": dict(told or {})}, **rest}


def secret_volume(name: str, secret: str, key: str, path: str, *, optional: bool = False) -> Manifest:
    """One key of a Secret as a file that its group may read."""
    told: Manifest = {"secretName": secret, "defaultMode": 0o440, "items": [{"key": key, "path": path}]}
    return {"name": name, "secret": told | ({"optional": True} if optional else {})}


def probe(path: str, port: str | int, *, every: int, times: int) -> Manifest:
    """A question over HTTP: how often it is asked, and how often in vain until it counts."""
    asked = {"httpGet": {"path": path, "port": port}, "timeoutSeconds": 5}
    return asked | {"periodSeconds": every, "failureThreshold": times}
