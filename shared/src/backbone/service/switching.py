"""The command `SERVICE switch`: what is on, and turning it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..postgres.database import Tx, open_database
from ..postgres.switches import MOST_NOTE, MOST_PER_MINUTE, Turned, turn, turn_off, turned
from .settings import ServiceSettings


async def run_switch_command(settings: ServiceSettings, arguments: list[str], names: Sequence[str]) -> None:
    """`SERVICE switch` says what is on; `SERVICE switch NAME on|off|NUMBER [--note …]` turns it. Exits with 2 where
    there is no such switch."""
    asked = _read(settings.service, arguments, names)
    engine = open_database(settings.database_url.get_secret_value())
    try:
        async with engine.begin() as tx:
            await _turn(tx, asked)
            on = await turned(tx)
    finally:
        await engine.dispose()
    for name in names:
        print(_told(name, on.get(name)))  # noqa: T201 (the answer of a command)


async def _turn(tx: Tx, asked: argparse.Namespace) -> None:
    if asked.to == "off":
        await turn_off(tx, asked.name)
    elif asked.to is not None:
        await turn(tx, asked.name, None if asked.to == "on" else int(asked.to), asked.note)


def _told(name: str, turned: Turned | None) -> str:
    if turned is None:
        return f"{name}: off"
    what = "on" if turned.per_minute is None else f"{turned.per_minute} a minute and replica"
    note = f", « {turned.note} »" if turned.note else ""
    return f"{name}: {what} since {turned.since:%Y-%m-%d %H:%M:%S %Z}{note}"


def _read(service: str, arguments: list[str], names: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"{service} switch", description="What every replica heeds within seconds.")
    parser.add_argument("name", nargs="?", choices=[*names], help="which; without it: all, and what they are")
    parser.add_argument("to", nargs="?", help="on, off, or of a pace how many jobs a minute and replica: 0 stops them")
    parser.add_argument("--note", default="", help="a sentence in French, for whom it stops: it follows the banner's")
    asked = parser.parse_args(arguments)
    if asked.to is not None and not _is_known(asked.name, asked.to):
        parser.error(f"{asked.name} is turned {'off, or to a number' if _is_pace(asked.name) else 'on or off'}")
    if len(asked.note) > MOST_NOTE:
        parser.error(f"the note has more than {MOST_NOTE} characters")
    return asked


def _is_pace(name: str) -> bool:
    return name.startswith("pace-")


def _is_known(name: str, to: str) -> bool:
    if to == "off":
        return True
    if not _is_pace(name):
        return to == "on"
    return to.isascii() and to.isdigit() and int(to) <= MOST_PER_MINUTE
