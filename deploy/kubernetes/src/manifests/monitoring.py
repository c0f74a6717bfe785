"""Where Prometheus finds each process, and which alerts it is to raise, for who runs the Prometheus operator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from .network import health_policy
from .pieces import Manifest, manifest
from .table import PART_OF


def monitoring() -> Iterator[Manifest]:
    """One PodMonitor for all; the `job` is the service's name, as in the alerts."""
    ours = {"app.kubernetes.io/part-of": PART_OF}
    role = {"sourceLabels": ["__meta_kubernetes_pod_label_app_kubernetes_io_component"], "targetLabel": "role"}
    spec = {
        "jobLabel": "app.kubernetes.io/name",
        "selector": {
            "matchLabels": ours,
            "matchExpressions": [{"key": "app.kubernetes.io/component", "operator": "In", "values": ["http", "work"]}],
        },
        "podMetricsEndpoints": [{"port": "health", "path": "/metrics", "interval": "15s", "relabelings": [role]}],
    }
    yield manifest("monitoring.coreos.com/v1", "PodMonitor", PART_OF, ours, spec=spec)
    yield health_policy("monitoring", "monitoring-asks-health")


def alerts(rules: Path) -> Iterator[Manifest]:
    """The rules as Prometheus has them everywhere else, one PrometheusRule for each file of that folder."""
    for file in sorted(rules.glob("*.yml")):
        groups = yaml.safe_load(file.read_text())
        yield manifest(
            "monitoring.coreos.com/v1",
            "PrometheusRule",
            f"{PART_OF}-{file.stem}",
            {"app.kubernetes.io/part-of": PART_OF},
            spec=groups,
        )
