"""`sdi geocode`: where an address is, and by which steps that is known; many of them from a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import ceil
from pathlib import Path
from typing import Annotated

import typer

from backbone.contracts import Address, Position
from backbone.service.settings import read_settings
from geocoding.cleaning import read_address
from geocoding.domain import GeocoderUnavailable
from geocoding.gazetteer import Gazetteer
from geocoding.pipeline import Pipeline, Placed

from .database import database_at
from .errors import Refusal, run
from .geocoding_files import Columns, geocode_file
from .output import Json, write_json, write_line, write_table
from .settings import GeocodingSettings

Line = Annotated[str, typer.Argument(metavar="ADDRESS", help="In one line, e.g. « 12 rue Nationale, 59100 Roubaix ».")]
Pin = Annotated[str, typer.Option(help="The organiser's confirmed pin: latitude,longitude.")]
File = Annotated[
    Path | None,
    typer.Option("--csv", exists=True, dir_okay=False, help="Many addresses: columns postcode, city and maybe street."),
]
Out = Annotated[
    Path | None, typer.Option(help="Where the answers go, a line for each; what is there already is not asked again.")
]


def geocode(line: Line = "", pin: Pin = "", csv: File = None, out: Out = None, json: Json = False) -> None:
    """Show where an address is and why; exit with 1 if it is nowhere. With geocoding's DATABASE_URL and GEOCODER_URL
    the national service is asked as geocoding asks it, otherwise the gazetteer alone."""
    settings = read_settings(GeocodingSettings)
    if csv:
        typer.echo(_asked(settings), err=True)
        run(_geocode_file(settings, csv, out), kafka="", database="geocoding")
    elif not line:
        raise typer.BadParameter("give an address, or --csv FILE --out FILE")
    else:
        address, at = read_address(line), _position(pin)
        placed = run(_place(settings, address, at), kafka="", database="geocoding")
        if json:
            write_json({"address": address.model_dump(), "whys": dict(placed.whys), "location": _told(placed)})
        else:
            write_line(_asked(settings))
            _explain(placed)
        raise typer.Exit(0 if placed.location else 1)


def _asks_as_geocoding(settings: GeocodingSettings) -> bool:
    return bool(settings.geocoder_url and settings.database_url.get_secret_value())


def _asked(settings: GeocodingSettings) -> str:
    if _asks_as_geocoding(settings):
        return f"Asked in this order, as geocoding does: {settings.geocoder_order} (ban: {settings.geocoder_url})"
    return "Asked: the gazetteer alone; for the national service, tell geocoding's DATABASE_URL and its GEOCODER_URL"


@asynccontextmanager
async def _pipeline(settings: GeocodingSettings) -> AsyncIterator[Pipeline]:
    """The way that geocoding's own look-ups take. Raises `Refusal` while the national service does not answer."""
    if not _asks_as_geocoding(settings):
        yield Pipeline({"gazetteer": (gazetteer := Gazetteer.load())}, gazetteer)
        return
    from geocoding.desk import Desk  # here: its clients take their time to load

    engine = database_at(settings.database_url.get_secret_value())
    desk = Desk.open(settings, engine, settings.clock)
    try:
        yield desk.pipeline
    except GeocoderUnavailable as trouble:
        wait = f" for another {ceil(trouble.retry_after)} s" if trouble.retry_after else ""
        without = "without GEOCODER_URL the gazetteer answers"
        raise Refusal(f"the national service does not answer{wait} ({trouble}): try again then; {without}") from None
    finally:
        if desk.close:
            await desk.close()
        await engine.dispose()


async def _place(settings: GeocodingSettings, address: Address, pin: Position | None) -> Placed:
    async with _pipeline(settings) as pipeline:
        return await pipeline.place(address, pin)


async def _geocode_file(settings: GeocodingSettings, csv: Path, out: Path | None) -> None:
    if out is None:
        raise Refusal("say where the answers go: --out FILE")
    async with _pipeline(settings) as pipeline:
        try:
            done = await geocode_file(pipeline, Columns.of(csv), out)
        except OSError as error:
            raise Refusal(f"{error.filename or out} cannot be read or written: {error.strerror}") from error
    write_line(f"{done.placed:,} placed, {done.nowhere:,} nowhere, {done.before:,} answered before")


def _position(pin: str) -> Position | None:
    if not pin:
        return None
    try:
        latitude, longitude = map(float, pin.split(","))
    except ValueError:
        latitude = longitude = float("nan")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise typer.BadParameter("a pin is latitude,longitude, in degrees: 50.69,3.18")
    return Position(latitude=latitude, longitude=longitude, is_confirmed=True)


def _told(placed: Placed) -> dict[str, object] | None:
    return placed.location.model_dump(mode="json") if placed.location else None


def _explain(placed: Placed) -> None:
    write_table(("step", "why"), placed.whys)
    write_line("")
    if (at := placed.location) is None:
        write_line(
            "nowhere: the event stays in lists without a pin, and its organiser is asked for commune and postcode"
        )
        return
    within = f", within {at.radius_m / 1000:.1f} km" if at.radius_m else ""
    write_line(f"{at.latitude:.5f}, {at.longitude:.5f}: {at.precision}{within}, {at.commune_name} ({at.commune_code})")
    for doubt in at.doubts:
        write_line(f"the organiser reads: {doubt.message}")
