"""The national address service (Base Adresse Nationale), as IGN serves it on the Géoplateforme.

    https://data.geopf.fr/geocodage    open, no key; 50 requests per second and address, then 429 for 5 seconds

geopy speaks HTTP and names what went wrong; `_translated` turns that into the errors of `domain`, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self, cast
from urllib.parse import urlencode, urlsplit

import geopy.exc
from aiohttp import ClientTimeout, FormData
from geopy.adapters import AdapterHTTPError, AioHTTPAdapter, get_retry_after
from geopy.exc import GeocoderParseError, GeocoderQueryError, GeocoderRateLimited, GeocoderTimedOut, GeopyError
from geopy.geocoders import BANFrance
from opentelemetry.trace import SpanKind
from pydantic import ValidationError

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
from .together import AskAlone, Together
from .wire import BOUNDS, HAD_BACK, TEXT, Question, hit_in, hits_in, rows_of


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
        batches: bool = True,
        timed: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        """`url` is the service's root, with its path. `timeout` is in seconds, for one whole request. `batches`: those
        that wait for a turn at one time are asked for in one request.

        Nothing is connected before the first question. `timed` is entered around each call.
        """
        scheme, domain, path, *_ = urlsplit(url)
        self._service = _Service(
            domain=domain + path,
            scheme=scheme,
            timeout=timeout,
            user_agent=user_agent,
            adapter_factory=_Adapter,
        )
        self._gazetteer, self._answers, self._timed = gazetteer, answers, timed
        self._together = Together(budget, self._ask, self._ask_together if batches else None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._together.close()
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
        commune, _ = self._gazetteer.narrowed(commune, address.postcode)
        return judged(hit, commune, address, declared)

    async def _best_hit(self, address: Address, declared: Commune | None) -> Hit | None:
        bounds = self._bounds(address, declared)
        # in one line, whatever was typed
        text = " ".join(" ".join(filter(None, (address.street, address.postcode, address.city))).split())
        question = Question(text, bounds)
        return await self._answers.known_or(key_of(address, bounds), lambda: self._together.ask(question))

    async def _ask(self, question: Question) -> Hit | None:
        try:
            with self._timed(), part("geocode", SpanKind.CLIENT, provider="ban"):
                told = await self._service.search(question)
            return hit_in(told)
        except GeopyError as error:
            raise _translated(error) from error
        except ValidationError as error:
            raise GeocoderUnreadable(f"not the answer of a geocoder: {error.error_count()} faults") from error

    async def _ask_together(self, questions: Sequence[Question]) -> Mapping[int, Hit | None]:
        try:
            with self._timed():
                told = await self._service.search_csv(rows_of(questions))
        except _OF_THE_WHOLE_SERVICE as error:
            raise _translated(error) from error
        except GeopyError as error:
            raise _not_together(error) from error
        return hits_in(told, questions)

    def _bounds(self, address: Address, declared: Commune | None) -> dict[str, str]:
        """Where to look: in the declared commune, whose postcode people often mistake for its neighbour's.

        A city of arrondissements is known to the service by these alone, so there the postcode bounds; a
        postcode that serves no commune (CEDEX) would bound to nothing.
        """
        if declared is not None and not self._gazetteer.has_arrondissements(declared.code):
            return {"citycode": declared.code}
        return {"postcode": address.postcode} if self._gazetteer.serves(address.postcode) else {}


class _Service(BANFrance):  # type: ignore[misc]  # geopy has no types
    """geopy's client, asking for whole addresses (`autocomplete=0`) within bounds, for one hit as it came; or for many
    addresses in one CSV."""

    async def search(self, question: Question) -> Any:
        query = urlencode({"q": question.text, "limit": 1, "autocomplete": 0, **question.bounds})
        # The answer is handed on as it came: geopy's own reading fails with a bare IndexError on a hit
        # without coordinates, and takes an answer without hits' list for one of no hits.
        return await self._call_geocoder(f"{self.geocode_api}?{query}", lambda answer: answer)

    async def search_csv(self, rows: bytes) -> str:
        form = FormData({"columns": TEXT, **{name: name for name in BOUNDS}})
        form.add_field("data", rows, filename="addresses.csv", content_type="text/csv")
        form.add_fields(*(("result_columns", name) for name in HAD_BACK))
        try:
            within = ClientTimeout(total=self.timeout)
            told = await self.adapter.post_text(f"{self.geocode_api}/csv", form, within=within, headers=self.headers)
        except Exception as error:
            self._adapter_error_handler(error)  # raises geopy's own for what came by HTTP
            raise
        return cast(str, told)


class _Adapter(AioHTTPAdapter):  # type: ignore[misc]  # geopy has no types
    """geopy's, which can hand in a form too, by the same rules."""

    async def post_text(self, url: str, form: FormData, *, within: ClientTimeout, headers: Mapping[str, str]) -> str:
        way = {"headers": headers, "ssl": self.ssl_context, "proxy": self.proxies.get(urlsplit(url).scheme)}
        with self._normalize_exceptions():
            async with self.session.post(url, data=form, timeout=within, **way) as answer:
                await self._raise_for_status(answer)
                return cast(str, await answer.text())


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


_OF_THE_WHOLE_SERVICE = (GeocoderRateLimited, GeocoderTimedOut, geopy.exc.GeocoderUnavailable)
"""Too many questions, no answer in time, 503, no connection: whoever asked alone would be told the same. All else may
be said of the door for many alone."""


def _not_together(error: GeopyError) -> AskAlone:
    status = error.__cause__.status_code if isinstance(error.__cause__, AdapterHTTPError) else None
    if status in _NO_SUCH_DOOR:
        return AskAlone(f"the service takes none ({status} at /search/csv; GEOCODER_BATCHES=off)", never=True)
    return AskAlone(f"{type(error).__name__}: {error}")


_NO_SUCH_DOOR = (404, 405, 501)


_LONGEST_WAIT = 3600.0
"""Whatever it names: one mistaken header must not keep all of us from it until next year."""
