"""The Secrets that the manifests name: made once, where one deploys from, or fetched from where they are kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from backbone.contracts.grants import PRINCIPALS
from provision.databases import SERVICES, database_of
from provision.secrets import new_signing_key

from .pieces import Manifest, manifest

POSTGRES = "postgres-rw:5432"  # as CloudNativePG names the one that may be written to


def made(mail_url: str, postgres: str = POSTGRES, *, kafka: bool = False) -> Iterator[Manifest]:
    """What nobody else makes; `kafka`: the principals' passwords too, where it is not Strimzi's."""
    for service in SERVICES:
        role, password = database_of(service), secrets.token_urlsafe(24)
        url = f"postgresql+asyncpg://{role}:{password}@{postgres}/{role}"
        told = {"username": role, "password": password, "url": url}
        # CloudNativePG sets the role's password anew where this one changes
        yield _secret(f"database-{service}", told, "kubernetes.io/basic-auth", {"cnpg.io/reload": "true"})
    yield _secret("registration-signing-key", {"key.pem": new_signing_key()})
    yield _secret("map-feed-webhooks-key", {"key": secrets.token_urlsafe(32)})
    yield _secret("mail", {"url": mail_url})
    for principal in PRINCIPALS if kafka else ():
        yield _secret(f"kafka-{principal}", {"password": secrets.token_urlsafe(24)})


def _secret(name: str, told: dict[str, str], kind: str = "Opaque", labels: dict[str, str] | None = None) -> Manifest:
    return manifest("v1", "Secret", name, labels, type=kind, stringData=told)


def fetched() -> Iterator[Manifest]:
    """The same, for the External Secrets operator: each from the key of its own name in the store `secrets`."""
    for secret in made("memory:", kafka=False):
        name, keys = secret["metadata"]["name"], list(secret["stringData"])
        data = [{"secretKey": key, "remoteRef": {"key": name, "property": key}} for key in keys]
        template = {"type": secret["type"], "metadata": {"labels": secret["metadata"]["labels"]}}
        yield manifest(
            "external-secrets.io/v1",
            "ExternalSecret",
            name,
            spec={
                "refreshInterval": "1h",
                "secretStoreRef": {"kind": "SecretStore", "name": "secrets"},
                "target": {"name": name, "creationPolicy": "Owner", "template": template},
                "data": data,
            },
        )
