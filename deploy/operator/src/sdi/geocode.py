"""`sdi geocode`: where an address is, and by which steps that is known; many of them from a file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from backbone.contracts import Position
from geocoding.cleaning import read_address
from geocoding.gazetteer import Gazetteer
from geocoding.pipeline import Pipeline, Placed

from .errors import Refusal, run
from .geocoding_files import Columns, geocode_file
from .output import Json, write_json, write_line, write_table

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
    """Show where an address is and why, by the gazetteer that the services carry; exit with 1 if it is nowhere."""
    pipeline = Pipeline({"gazetteer": (gazetteer := Gazetteer.load())}, gazetteer)
    if csv:
        _geocode_file(pipeline, csv, out)
    elif not line:
        raise typer.BadParameter("give an address, or --csv FILE --out FILE")
    else:
        address = read_address(line)
        placed = asyncio.run(pipeline.place(address, _position(pin)))
        if json:
            write_json({"address": address.model_dump(), "whys": dict(placed.whys), "location": _told(placed)})
        else:
            _explain(placed)
        raise typer.Exit(0 if placed.location else 1)


def _geocode_file(pipeline: Pipeline, csv: Path, out: Path | None) -> None:
    async def work() -> None:
        if out is None:
            raise Refusal("say where the answers go: --out FILE")
        try:
            done = await geocode_file(pipeline, Columns.of(csv), out)
        except OSError as error:
            raise Refusal(f"{error.filename or out} cannot be read or written: {error.strerror}") from error
        write_line(f"{done.placed:,} placed, {done.nowhere:,} nowhere, {done.before:,} answered before")

    run(work(), kafka="")


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
