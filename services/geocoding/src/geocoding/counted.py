"""A geocoder whose answers are counted."""

from __future__ import annotations

from backbone.contracts import Address

from .domain import Geocoder, GeocoderRefused, GeocoderUnavailable, Verdict
from .metrics import Metrics


class Counted:
    """It satisfies `Geocoder`, and answers as the one behind it does."""

    def __init__(self, geocoder: Geocoder, provider: str, metrics: Metrics) -> None:
        self._geocoder, self._calls, self._provider = geocoder, metrics.calls, provider

    async def locate(self, address: Address) -> Verdict:
        outcome = None
        try:
            verdict = await self._geocoder.locate(address)
            outcome = "found" if verdict.location else "unknown"
        except GeocoderRefused:
            outcome = "refused"
            raise
        except GeocoderUnavailable:
            outcome = "unavailable"
            raise
        finally:
            if outcome:  # neither a fault of ours nor a stop is an answer
                self._calls.labels(self._provider, outcome).inc()
        return verdict
