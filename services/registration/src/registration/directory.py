"""The national directory of companies and bodies, as the State serves it to everybody.

    https://recherche-entreprises.api.gouv.fr    open, no key; 7 requests per second and address

It is asked for a SIRET and nothing else, and only where an operator has set it. That it is away is an answer: nobody
waits for it, and nothing of registration depends on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple, Protocol

import httpx
from pydantic import BaseModel, ValidationError

TIMEOUT_SECONDS = 2.0
MOST_BYTES = 256 * 1024


class Entry(NamedTuple):
    """An establishment, as the directory knows it."""

    siret: str
    name: str
    city: str
    is_open: bool


class DirectoryAway(Exception):
    """The directory has not answered, or not as it should."""


class Directory(Protocol):
    """Knows establishments by their SIRET."""

    async def find(self, siret: str) -> Entry | None:
        """The establishment; None if there is none. Raises DirectoryAway."""
        ...


class NationalDirectory:
    """The directory at an address that an operator gave."""

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url, self._transport = url.rstrip("/"), transport

    async def find(self, siret: str) -> Entry | None:
        try:
            answer = _Answer.model_validate_json(await self._ask(siret))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValidationError) as error:
            raise DirectoryAway(type(error).__name__) from error
        for company in answer.results:
            for one in company.matching_etablissements:
                if one.siret == siret:
                    is_open = one.etat_administratif == "A"
                    return Entry(siret, company.nom_complet[:200], one.libelle_commune or "", is_open)
        return None

    async def _ask(self, siret: str) -> bytes:
        # followed nowhere: what is asked is what the operator named
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            httpx.AsyncClient(transport=self._transport, follow_redirects=False) as client,
            client.stream("GET", f"{self._url}/search", params={"q": siret, "per_page": "1"}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise httpx.HTTPStatusError("refused", request=answer.request, response=answer)
            told = b""
            async for part in answer.aiter_bytes():
                told += part
                if len(told) > MOST_BYTES:
                    raise httpx.HTTPError("more than anybody needs to say of one establishment")
            return told


class MemoryDirectory:
    """A directory that knows what it was told, for tests; `is_away`: it does not answer."""

    def __init__(self, entries: Mapping[str, Entry] | None = None) -> None:
        self.entries, self.is_away = dict(entries or {}), False

    async def find(self, siret: str) -> Entry | None:
        if self.is_away:
            raise DirectoryAway
        return self.entries.get(siret)


class _Establishment(BaseModel):
    siret: str
    libelle_commune: str | None = None
    etat_administratif: str | None = None


class _Company(BaseModel):
    nom_complet: str
    matching_etablissements: list[_Establishment] = []


class _Answer(BaseModel):
    results: list[_Company]
