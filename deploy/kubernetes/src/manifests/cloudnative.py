"""A PostgreSQL that CloudNativePG looks after: a database for each service, and one role that may enter it alone."""

from __future__ import annotations

from collections.abc import Iterator

from provision.databases import SERVICES, database_of

from .network import heard, needed
from .pieces import Manifest, manifest
from .table import PART_OF

API, CLUSTER, PORT = "postgresql.cnpg.io/v1", "postgres", 5432
_LABELS = {"app.kubernetes.io/part-of": PART_OF}
# what `provision.databases.SORTED_ALIKE` says: every letter there is, sorted the same on every machine
_SORTED_ALIKE = {
    "encoding": "UTF8",
    "localeProvider": "builtin",
    "builtinLocale": "C.UTF-8",
    "localeCollate": "C",
    "localeCType": "C",
}


def postgres() -> Iterator[Manifest]:
    """The cluster, its databases, and the way to it."""
    names = [database_of(service) for service in SERVICES]
    yield manifest(
        API,
        "Cluster",
        CLUSTER,
        _LABELS,
        spec={
            "instances": 3,
            # its templates too: the field `template` of a Database (template0) is one that Kustomize stumbles over
            "bootstrap": {"initdb": _SORTED_ALIKE},
            "storage": {"size": "50Gi"},
            "walStorage": {"size": "20Gi"},
            "resources": {"requests": {"cpu": "1", "memory": "4Gi"}, "limits": {"memory": "4Gi"}},
            "postgresql": {
                # each process has ten at the most: 46 of them where all have as many replicas as they may
                "parameters": {"max_connections": "500", "shared_buffers": "1GB"},
                "synchronous": {"method": "any", "number": 1},
                "pg_hba": [*(f"hostssl {name} {name} all scram-sha-256" for name in names), "host all all all reject"],
            },
            "managed": {
                "roles": [
                    {
                        "name": database_of(service),
                        "ensure": "present",
                        "login": True,
                        "passwordSecret": {"name": f"database-{service}"},
                    }
                    for service in SERVICES
                ]
            },
        },
    )
    for service in SERVICES:
        name = database_of(service)
        spec = {"cluster": {"name": CLUSTER}, "name": name, "owner": name, "databaseReclaimPolicy": "retain"}
        spec |= _SORTED_ALIKE
        yield manifest(API, "Database", service, _LABELS, spec=spec)
    cluster: Manifest = {"podSelector": {"matchLabels": {"cnpg.io/cluster": CLUSTER}}}
    yield needed("postgres", [cluster], [("TCP", PORT)])
    asking = [{"podSelector": {"matchLabels": {"needs-postgres": "true"}}}, cluster]
    yield heard("asks-postgres", cluster, asking, PORT)
    # its operator asks each instance how it is, and instances ask each other
    operator = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "cnpg-system"}}}
    yield heard("asks-postgres-status", cluster, [operator, cluster], 8000)
