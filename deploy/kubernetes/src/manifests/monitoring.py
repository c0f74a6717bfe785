"""Where Prometheus finds each process, for who runs the Prometheus operator."""

from __future__ import annotations

from collections.abc import Iterator

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
