"""The national address service (Base Adresse Nationale), as IGN serves it on the Géoplateforme.

    https://data.geopf.fr/geocodage    open, no key; 50 requests per second and address, then 429 for 5 seconds

geopy speaks HTTP and names what went wrong; `_translated` turns that into the errors of `domain`, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode, urlsplit

from geopy.adapters import AdapterHTTPError, AioHTTPAdapter, get_retry_after
from geopy.exc import GeocoderParseError, GeocoderQueryError, GeopyError
from geopy.geocoders import BANFrance
from opentelemetry.trace import SpanKind
from pydantic import BaseModel, Field, ValidationError

from backbone.contracts import Address
from backbone.runtime.spans import part

from .answers import Answers, key_of
from .budget import Budget
from .domain import (
    Commune,
    GeocoderError,
    GeocoderRefused,
    GeocoderUnavailable,
    GeocoderUnreadable,
    Hit,
    Verdict,
    judged,
)
from .gazetteer import Gazetteer


class BanGeocoder:
    """Asks the national address service, and believes it only where the gazetteer bears it out.

    It satisfies `Geocoder`. The service speaks of arrondissements and of departments in words; commune,
    department, region and time zone are had from the gazetteer by the hit's INSEE code instead.
    """

    def __init__(
        self,
        url: str,
        gazetteer: Gazetteer,
        *,
        budget: Budget,
        answers: Answers,
        user_agent: str,
        timeout: float = 5.0,
        timed: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        """`url` is the service's root, with its path. `timeout` is in seconds, for one whole request.

        Nothing is connected before the first question. `timed` is entered around each call.
        """
        scheme, domain, path, *_ = urlsplit(url)
        self._service = _Service(
            domain=domain + path,
            scheme=scheme,
            timeout=timeout,
            user_agent=user_agent,
            adapter_factory=AioHTTPAdapter,
        )
        self._gazetteer, self._budget, self._answers, self._timed = gazetteer, budget, answers, timed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._service.__aexit__(None, None, None)

    async def locate(self, address: Address) -> Verdict:
        """The place of its best hit, where that is believed (`domain.judged`). Raises `GeocoderError`."""
        found = self._gazetteer.find(address)
        declared = None if found is None else found.commune
        hit = await self._best_hit(address, declared)
        if hit is None:
            return Verdict(None, "it has no such address")
        commune = self._gazetteer.by_code(hit.citycode)
        if commune is None:
            return Verdict(None, f"its best hit is not believed: no commune has the code {hit.citycode}")
        return judged(hit, commune, address, declared)

    async def _best_hit(self, address: Address, declared: Commune | None) -> Hit | None:
        bounds = self._bounds(address, declared)
        return await self._answers.known_or(key_of(address, bounds), lambda: self._ask(address, bounds))

    async def _ask(self, address: Address, bounds: Mapping[str, str]) -> Hit | None:
        question = " ".join(filter(None, (address.street, address.postcode, address.city)))
        async with self._budget.turn():
            try:
                with self._timed(), part("geocode", SpanKind.CLIENT, provider="ban"):
                    told = await self._service.search(question, bounds)
                answer = _Answer.model_validate(told)
            except GeopyError as error:
                raise _translated(error) from error
            except ValidationError as error:
                raise GeocoderUnreadable(f"not the answer of a geocoder: {error.error_count()} faults") from error
        return answer.features[0].hit() if answer.features else None

    def _bounds(self, address: Address, declared: Commune | None) -> dict[str, str]:
        """Where to look: in the declared commune, whose postcode people often mistake for its neighbour's.

        A city of arrondissements is known to the service by these alone, so there the postcode bounds; a
        postcode that serves no commune (CEDEX) would bound to nothing.
        """
        if declared is not None and not self._gazetteer.has_arrondissements(declared.code):
            return {"citycode": declared.code}
        return {"postcode": address.postcode} if self._gazetteer.serves(address.postcode) else {}


class _Service(BANFrance):  # type: ignore[misc]  # geopy has no types
    """geopy's client, asking for whole addresses (`autocomplete=0`) within bounds, for one hit as it came."""

    async def search(self, question: str, bounds: Mapping[str, str]) -> Any:
        query = urlencode({"q": question, "limit": 1, "autocomplete": 0, **bounds})
        # The answer is handed on as it came: geopy's own reading fails with a bare IndexError on a hit
        # without coordinates, and takes an answer without hits' list for one of no hits.
        return await self._call_geocoder(f"{self.geocode_api}?{query}", lambda answer: answer)


class _Point(BaseModel):
    type: Literal["Point"]
    coordinates: tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]


class _Properties(BaseModel):
    type: str
    score: float = Field(ge=0, le=1)
    citycode: str
    label: str | None = None


class _Feature(BaseModel):
    geometry: _Point
    properties: _Properties

    def hit(self) -> Hit:
        longitude, latitude = self.geometry.coordinates
        told = self.properties
        return Hit(told.type, told.score, told.citycode, longitude, latitude, told.label)


class _Answer(BaseModel):
    """The part of the service's GeoJSON that is read."""

    features: list[_Feature]


def _translated(error: GeopyError) -> GeocoderError:
    """What is worth asking again, in one place.

    Not a question that was found wrong (400) nor an answer that is no JSON: both depend on the address alone.
    All else is, after the wait that it names: too many questions (429), a timeout, a refused connection, 5xx; and
    also 401, 403, 404, 407, which say that we are shut out or ask at the wrong door. That is mended by an operator
    and is no property of an address: waiting shows it, going on would blur every point in silence.
    """
    if isinstance(error, GeocoderQueryError):
        return GeocoderRefused(str(error))
    if isinstance(error, GeocoderParseError):
        return GeocoderUnreadable("not JSON")  # its text is the whole page that came
    wait = get_retry_after(error.__cause__.headers) if isinstance(error.__cause__, AdapterHTTPError) else None
    return GeocoderUnavailable(f"{type(error).__name__}: {error}", None if wait is None else min(wait, _LONGEST_WAIT))


_LONGEST_WAIT = 3600.0
"""Whatever it names: one mistaken header must not keep all of us from it until next year."""
