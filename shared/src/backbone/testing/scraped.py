"""What a service tells Prometheus, as Prometheus reads it."""

from __future__ import annotations

import httpx
from prometheus_client.parser import text_string_to_metric_families

from ..service.service import Service

Labels = frozenset[tuple[str, str]]


class Scraped(dict[tuple[str, Labels], float]):
    """The samples of one scrape, by name and labels."""

    def of(self, name: str, /, **labels: str) -> float | None:
        """The sample with just these labels; None where there is none."""
        return self.get((name, frozenset(labels.items())))

    def every(self, name: str) -> list[float]:
        """The values of all samples of a name."""
        return [value for (of, _), value in self.items() if of == name]

    def by(self, name: str, *labels: str, **where: str) -> dict[tuple[str, ...], float]:
        """All samples of a name that are not 0, by the values of these labels: those whose others are as said."""
        found = ((dict(told), value) for (of, told), value in self.items() if of == name and value)
        return {tuple(told[label] for label in labels): value for told, value in found if where.items() <= told.items()}


def read(text: str) -> Scraped:
    """The samples of what was answered at `/metrics`."""
    families = text_string_to_metric_families(text)
    return Scraped({(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples})


async def scrape(service: Service) -> Scraped:
    """What the service tells now: nothing is kept from before."""
    for question in service.scrape.questions:
        question.kept_seconds = 0.0
    transport = httpx.ASGITransport(service.health)
    async with httpx.AsyncClient(transport=transport, base_url="http://health") as client:
        return read((await client.get("/metrics")).raise_for_status().text)
