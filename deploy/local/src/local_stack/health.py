"""Whether the services are up, as they say themselves."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from provision.databases import SERVICES


def not_ready(health: Mapping[str, str]) -> list[str]:
    """The services that do not answer yet, or wait for something."""
    return [name for name in SERVICES if not _is_ready(health[name])]


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health/ready").is_success
    except httpx.TransportError:
        return False
