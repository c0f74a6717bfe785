"""A file of 10,000 events: its dry run, and what of that is the checks of one event, which the door would ask as well.

dry run   the job of registration itself, on PostgreSQL: unpack, read in a process of its own, rows, checks, kept
checks    `domain.checking.check` of the same drafts, one after the other, with nothing around it
reading   the process that reads the file, alone
"""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import psutil
import xlsxwriter
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import insert
from sqlalchemy.engine import make_url

from backbone.campaign.clock import StoppedClock
from backbone.postgres.database import open_database
from backbone.postgres.migrations import migrate
from backbone.service.floor import open_floor
from local_stack.generator import draft_of, generate
from local_stack.postgres import LocalPostgres
from registration.app import create_app
from registration.desk import Desk
from registration.domain.checking import check
from registration.domain.privacy import Author
from registration.domain.sheet_columns import COLUMNS, Column
from registration.domain.sheet_words import Choices
from registration.handlers.checking import check_upload
from registration.settings import Settings
from registration.store import accounts
from registration.store import uploads as kept

from .world import EDITION, EDITION_FILE, NOW

ME = UUID(int=7)
AUTHOR = Author("Inès Payet", "ines@fonderie.example", "Fonderie de l’Erdre")
CHUNK = 256 * 1024
COLUMNS_USED = (
    *(
        "external_id",
        "organisation",
        "title",
        "description",
        "kind",
        "audiences",
        "admission",
        "is_free",
        "day",
        "starts",
    ),
    *(
        "ends",
        "slots",
        "venue.name",
        "venue.street",
        "venue.postcode",
        "venue.city",
        "online_url",
        "booking_email",
        "website",
    ),
)


@dataclass(frozen=True)
class Run:
    """Seconds of a processor (of ours, of the process that reads), by the clock, and how much more memory was held."""

    ours: float
    reader: float
    wall: float
    grew_mb: float


async def measure_uploads(number: int, runs: int) -> str:
    """The table, medians of so many runs."""
    drafts = [draft_of(sample, EDITION) for _, sample in generate(number, 2026)]
    book = workbook(drafts)
    with _postgres() as postgres:
        found = [await _dry_run(await _database(postgres, n), book, number) for n in range(runs)]
    read = statistics.median(_reading(book) for _ in range(runs))
    checks = statistics.median(_checks(drafts) for _ in range(runs))
    ours, reader, wall, grew = (statistics.median(getattr(run, name) for run in found) for name in Run.__annotations__)
    lines = [
        f"{number:,} rows, {len(book) / 1e6:.1f} MB of XLSX, medians of {runs}",
        "",
        "| what | seconds of one core |",
        "|---|---|",
        f"| dry run, whole (by the clock {wall:.1f} s) | {ours + reader:.2f} |",
        f"| of it: reading the file, in a process of its own | {reader:.2f} (alone {read:.2f}) |",
        f"| of it: the checks of one event, for each row | {checks:.2f} |",
        f"| the rest: cells into drafts, what there is already, rows kept | {ours - checks:.2f} |",
        "",
        f"memory of the service: {grew:+.0f} MB at the most while it is checked",
    ]
    return "\n".join(lines)


@contextmanager
def _postgres() -> Iterator[LocalPostgres]:
    with tempfile.TemporaryDirectory(prefix="sdi-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with LocalPostgres(Path(folder)) as postgres:
            yield postgres


async def _database(postgres: LocalPostgres, number: int) -> str:
    admin = await asyncpg.connect(postgres.admin_url)
    try:
        await admin.execute(f'CREATE DATABASE "uploads_{number}"')
    finally:
        await admin.close()
    url = make_url(postgres.admin_url).set(drivername="postgresql+asyncpg", database=f"uploads_{number}")
    address = url.render_as_string(hide_password=False)
    engine = open_database(address)
    await migrate(engine, "registration")
    await engine.dispose()
    return address


async def _dry_run(address: str, book: bytes, number: int) -> Run:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    about: dict[str, Any] = {"database_url": address, "edition": EDITION_FILE, "mail_url": "memory:"}
    settings = Settings(**about, kafka_bootstrap_servers="127.0.0.1:1", signing_key=pem.decode())
    service = create_app(settings, open_floor(settings, clock=StoppedClock(NOW)))
    desk: Desk = service.http.state.desk
    upload_id = await _hand_in(desk, book)
    ours, reader, wall = time.process_time(), _of_children(), time.monotonic()
    async with _watched() as grew:
        await check_upload(desk, upload_id)
    run = Run(time.process_time() - ours, _of_children() - reader, time.monotonic() - wall, grew[0])
    async with desk.engine.connect() as tx:
        counts = await kept.count_rows(tx, upload_id)
    assert sum(counts["outlook"].values()) == number, counts
    await service.engine.dispose()
    return run


async def _hand_in(desk: Desk, book: bytes) -> UUID:
    who = {"id": ME, "email": AUTHOR.email, "name": AUTHOR.name, "organisation": AUTHOR.organisation}
    upload_id = uuid4()
    async with desk.engine.begin() as tx:
        await tx.execute(insert(accounts).values(**who, password_hash="", confirmed_at=NOW))
        about = {"id": upload_id, "account_id": ME, "organisation_id": uuid4(), "filename": "a.xlsx", "size": len(book)}
        await kept.add_upload(tx, {**about, "state": "received"})
        for place, start in enumerate(range(0, len(book), CHUNK)):
            await kept.add_part(tx, upload_id, place, book[start : start + CHUNK])
    return upload_id


class _watched:  # noqa: N801 (a context manager)
    """How much more memory this process holds, at the most, than when it began; looked at ten times a second."""

    def __init__(self) -> None:
        self._process = psutil.Process(os.getpid())
        self._found = [0.0]

    async def __aenter__(self) -> list[float]:
        self._before = self._process.memory_info().rss
        self._task = asyncio.create_task(self._look())
        return self._found

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        self._note()

    async def _look(self) -> None:
        while True:
            self._note()
            await asyncio.sleep(0.1)

    def _note(self) -> None:
        self._found[0] = max(self._found[0], (self._process.memory_info().rss - self._before) / 1e6)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reading(book: bytes) -> float:
    before = _of_children()
    with tempfile.NamedTemporaryFile() as file:
        file.write(book)
        file.flush()
        subprocess.run(  # noqa: S603 (ourselves)
            [sys.executable, "-m", "registration.sheets", file.name], stdout=subprocess.DEVNULL, check=True
        )
    return _of_children() - before


def _checks(drafts: list[dict[str, Any]]) -> float:
    before = time.process_time()
    for draft in drafts:
        check(draft, AUTHOR, EDITION)
    return time.process_time() - before


def workbook(drafts: list[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    sheet = book.add_worksheet("Événements")
    columns = [COLUMNS.filling(name) for name in COLUMNS_USED]
    sheet.write_row(0, 0, [column.heading for column in columns])
    for row, draft in enumerate(drafts, 1):
        sheet.write_row(row, 0, list(_cells(row, draft, columns)))
    book.close()
    return file.getvalue()


def _cells(row: int, draft: dict[str, Any], columns: list[Column]) -> Iterator[str]:
    venue, (first, *others) = draft.get("venue") or {}, draft["slots"]
    told = {**draft, **{f"venue.{name}": value for name, value in venue.items()}, "external_id": f"R{row}"}
    day, starts = first["starts_at"].split("T")
    told |= {"day": _day(day), "starts": starts[:5], "ends": first["ends_at"].split("T")[1][:5]}
    told["slots"] = " ; ".join(itertools.chain.from_iterable(_opening(one) for one in others))
    for column in columns:
        yield _written(told.get(column.fills), column.choices)


def _day(iso: str) -> str:
    return "/".join(reversed(iso.split("-")))


def _opening(slot: dict[str, Any]) -> Iterator[str]:
    day, starts = slot["starts_at"].split("T")
    yield f"{_day(day)} {starts[:5]}-{slot['ends_at'].split('T')[1][:5]}"


def _written(value: Any, choices: Choices | None) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return " ; ".join(_written(one, choices) for one in value)
    return choices.words.get(value, value) if choices and value else str(value or "")
