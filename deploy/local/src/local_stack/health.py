"""Whether the services are up, as they say themselves."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

import httpx

from provision.databases import SERVICES

TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of what is on this machine and speaks no TLS. By default each client reads the certificates of all the
world first, which takes 20 ms of a processor: more than a service that is asked again and again needs to start."""


def not_ready(health: Mapping[str, str]) -> list[str]:
    """The services that do not answer yet, or wait for something."""
    return [name for name in SERVICES if not _is_ready(health[name])]


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health/ready", verify=TRUSTS_NOBODY).is_success
    except httpx.TransportError:
        return False
