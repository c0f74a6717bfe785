"""The command `map-feed webhooks`: who is sent the changes of the map, and how it goes with each."""

from __future__ import annotations

import argparse
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.http.problems import field_errors
from backbone.postgres.database import Tx, open_database

from .domain.destinations import NoDestination
from .domain.search import OF_A_PLACE, Search
from .settings import Settings
from .store.changes import begin_journal, hold_journal, kept_in
from .store.webhooks import (
    State,
    add_webhook,
    all_webhooks,
    count_webhooks,
    find_webhook,
    remove_webhook,
    rotate_secret,
    set_state,
)
from .webhooks.messages import headers, test_message
from .webhooks.sealing import Seal, Unsealable, new_secret
from .webhooks.sender import Sender

MOST = 200  # each has a task and a connection of its own while something is sent
ONCE = "(shown this once: hand it to the partner)"


class Refused(Exception):
    """What was asked for was not done; the message says why, to the operator."""


async def run_webhooks_command(settings: Settings, arguments: list[str]) -> None:
    """`map-feed webhooks add|list|rotate|pause|resume|remove|test`; ends with 1 where it was not done."""
    asked = _read(arguments)
    engine = open_database(settings.database_url.get_secret_value())
    try:
        print(await _VERBS[asked.verb](settings, engine, asked))  # noqa: T201 (the answer of a command)
    except (Refused, NoDestination, Unsealable) as error:
        raise SystemExit(f"map-feed: {error}") from None
    finally:
        await engine.dispose()


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="map-feed webhooks", description="Who is sent the changes of the map.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="send the changes to an address; prints its id and its secret")
    add.add_argument("url", help="https://host/path")
    add.add_argument(
        "--filter", action="append", default=[], metavar="NAME=VALUE", help="as on the map: region=84, type=open_day"
    )
    add.add_argument("--from-now", action="store_true", help="without what is on the map already")
    shown = verbs.add_parser("list", help="how it goes with each")
    shown.add_argument("--json", action="store_true")
    verbs.add_parser("begin-anew", help="have all partners, readers too, begin anew: the database was put back by hand")
    for verb, what in _ABOUT_ONE.items():
        one = verbs.add_parser(verb, help=what)
        one.add_argument("id", type=UUID)
        if verb == "rotate":
            one.add_argument("--overlap-hours", type=float, default=24.0, help="the old one signs too for so long")
        if verb == "resume":
            one.add_argument("--from-beginning", action="store_true", help="send all that is on the map once more")
    return parser.parse_args(arguments)


_ABOUT_ONE = {
    "rotate": "give it a new secret, which is printed",
    "pause": "send nothing more for now",
    "resume": "go on where it stopped, at once",
    "remove": "forget it",
    "test": "send one message that says nothing; 1 if it is not taken",
}


# --- what is done ------------------------------------------------------------------------------------


def _seal(settings: Settings) -> Seal:
    if settings.webhooks_key is None:
        raise Refused("set MAP_FEED_WEBHOOKS_KEY first, for the service too: it seals the secrets of webhooks")
    return Seal(settings.webhooks_key.get_secret_value())


async def _add(settings: Settings, engine: AsyncEngine, asked: argparse.Namespace) -> str:
    seal, secret, filters = _seal(settings), new_secret(), _filters(asked.filter)
    await _check(settings, asked.url)
    async with engine.begin() as tx:
        if await count_webhooks(tx) >= MOST:
            raise Refused(f"there are {MOST} webhooks already: remove one first")
        webhook_id = await add_webhook(tx, asked.url, filters, seal.sealed(secret), from_now=asked.from_now)
    return f"{webhook_id}\n{secret}  {ONCE}"


async def _check(settings: Settings, url: str) -> None:
    sender = Sender(settings.destinations)
    try:
        await sender.check(url)
    except OSError as error:
        raise Refused(f"{url}: {error}") from None
    finally:
        sender.close()


def _filters(told: Sequence[str]) -> Mapping[str, str]:
    pairs = [part.partition("=") for part in told]
    names = {field.alias or name for name, field in Search.model_fields.items()}
    if unknown := [name for name, _, _ in pairs if name not in names]:
        raise Refused(f"there is no filter {unknown[0]!r}; there are {', '.join(sorted(names))}")
    given = {name for name, _, value in pairs if value}
    if "autour" not in given and (idle := sorted(given & OF_A_PLACE)):
        raise Refused(f"{idle[0]} is no filter without autour: the partner would be sent everything")
    try:
        return Search.model_validate({name: value for name, _, value in pairs}).filters
    except ValidationError as error:
        wrong = field_errors([dict(one) for one in error.errors()])[0]
        raise Refused(f"{wrong['field']}: {wrong['message']}") from None


async def _list(_: Settings, engine: AsyncEngine, asked: argparse.Namespace) -> str:
    async with engine.connect() as connection:
        rows = await all_webhooks(connection)
    if asked.json:
        return json.dumps([dict(row._mapping) for row in rows], default=str)
    return "\n".join(map(_told, rows)) or "there are no webhooks"


def _told(row: Any) -> str:
    filters = " ".join(f"{name}={value}" for name, value in row.filters.items())
    about = f"{row.id}  {row.state}  {row.url}{f'  ({filters})' if filters else ''}"
    last = f"the last at {row.delivered_at:%Y-%m-%d %H:%M}" if row.delivered_at else "none yet"
    lines = [about, f"    {row.delivered} delivered, {last}; {row.behind} to go"]
    if row.last_error:
        until = f", again at {row.due_at:%H:%M:%S}" if row.state == State.ACTIVE.value else ""
        lines.append(
            f"    failing since {row.failing_since:%Y-%m-%d %H:%M}, {row.tries} tries{until}: {row.last_error}"
        )
    return "\n".join(lines)


async def _rotate(settings: Settings, engine: AsyncEngine, asked: argparse.Namespace) -> str:
    if not 0 <= asked.overlap_hours <= 24 * 30:
        raise Refused("an overlap is of 0 to 720 hours")
    seal, secret, overlap = _seal(settings), new_secret(), timedelta(hours=asked.overlap_hours)
    async with engine.begin() as tx:
        _found(await rotate_secret(tx, asked.id, seal.sealed(secret), overlap), asked.id)
    return f"{secret}  {ONCE}\nThe secret before it signs too for {asked.overlap_hours:g} hours."


async def _pause(_: Settings, engine: AsyncEngine, asked: argparse.Namespace) -> str:
    async with engine.begin() as tx:
        _found(await set_state(tx, asked.id, State.PAUSED), asked.id)
    return f"{asked.id} is paused"


async def _resume(_: Settings, engine: AsyncEngine, asked: argparse.Namespace) -> str:
    async with engine.begin() as tx:
        _found(await set_state(tx, asked.id, State.ACTIVE, from_beginning=asked.from_beginning), asked.id)
    return f"{asked.id} goes on{' from the beginning' if asked.from_beginning else ''}"


async def _remove(_: Settings, engine: AsyncEngine, asked: argparse.Namespace) -> str:
    async with engine.begin() as tx:
        _found(await remove_webhook(tx, asked.id), asked.id)
    return f"{asked.id} is forgotten"


async def _test(settings: Settings, engine: AsyncEngine, asked: argparse.Namespace) -> str:
    seal, sender, message = _seal(settings), Sender(settings.destinations), test_message()
    async with engine.begin() as tx:
        webhook = await _one(tx, asked.id)
    above = headers(message, [seal.opened(webhook.secret)], datetime.now(UTC), settings.public_map_url.rstrip("/"))
    try:
        async with sender.to(webhook.url) as line:
            answer = await line.post(above, message.body)
    except OSError as error:
        raise Refused(f"{webhook.url}: {error}") from None
    finally:
        sender.close()
    if not answer.is_taken:
        raise Refused(f"{webhook.url} answered {answer.status} {answer.words}".rstrip())
    return f"{webhook.url} took it: {answer.status}"


async def _begin_anew(_: Settings, engine: AsyncEngine, __: argparse.Namespace) -> str:
    async with engine.begin() as tx:
        await hold_journal(tx)
        await begin_journal(tx, await kept_in(tx))
    return "readers are answered 410, receivers are told feed.reset, and all begin at the beginning"


async def _one(tx: Tx, webhook_id: UUID) -> Any:
    webhook = await find_webhook(tx, webhook_id)
    _found(webhook is not None, webhook_id)
    return webhook


def _found(is_there: bool, webhook_id: UUID) -> None:
    if not is_there:
        raise Refused(f"there is no webhook {webhook_id}: see `map-feed webhooks list`")


_VERBS: Mapping[str, Callable[[Settings, AsyncEngine, argparse.Namespace], Awaitable[str]]] = {
    "add": _add,
    "list": _list,
    "rotate": _rotate,
    "pause": _pause,
    "resume": _resume,
    "remove": _remove,
    "test": _test,
    "begin-anew": _begin_anew,
}
