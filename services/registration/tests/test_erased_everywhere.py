"""Nothing is left of an erased person in any table of registration's, whatever tables there will be.

The rows are made from the tables and from docs/personal-data.md: what the register says to be of a person is written
full of them, in a row that is tied to them or to their event, and looked for once they are erased.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from registration.handlers.erasure import erase
from registration.store import accounts, members, metadata
from registration.store.erasure import MAILING

WORDS = "Inès Payet, ines@fonderie.example"
REGISTER = (Path(__file__).parents[3] / "docs" / "personal-data.md").read_text()
NAME = re.compile(r"`([^`]+)`")
A_VALUE: dict[type, Any] = {
    JSONB: {"text": WORDS},
    Text: WORDS,
    LargeBinary: WORDS.encode(),
    DateTime: func.now(),
    Integer: 1,
    BigInteger: 1,
    Boolean: True,
}

NOBODYS: dict[type, Any] = {Text: "x", LargeBinary: b"x"}


def a_value(kind: Any) -> Any:
    """Something of this type that is the person's, where it can be."""
    return [a_value(kind.item_type)] if isinstance(kind, ARRAY) else A_VALUE.get(type(kind))


def of_people() -> dict[str, set[str]]:
    """By the register: table, and which of its columns hold something of a person that does not stay, of nobody."""
    found: dict[str, set[str]] = {}
    for line in REGISTER.split("## registration\n")[1].split("\n## ")[0].splitlines():
        table, columns, what, _, _, goes = [*line.strip("|").split("|"), *[""] * 6][:6]
        if NAME.search(table) and "nothing of a person" not in what and not goes.strip().startswith("stays"):
            found.setdefault(NAME.findall(table)[0], set()).update(NAME.findall(columns))
    return found


def a_row(table: Table, personal: set[str], numbers: dict[str, UUID]) -> dict[str, Any]:
    """A row of this table about the person: what must be there, and all that may be theirs."""
    row: dict[str, Any] = {}
    for column in table.columns:
        is_needed = not column.nullable and column.server_default is None and column.identity is None
        if not (is_needed or column.name in personal):
            continue
        [target] = [key.column.table.name for key in column.foreign_keys] or [""]
        tied_to = target or f"{column.name.removesuffix('_id').rsplit('_', 1)[-1]}s"  # `asked_by_account_id`
        number = numbers.get(tied_to, uuid4())
        value = (
            a_value(column.type) if column.name in personal else NOBODYS.get(type(column.type), a_value(column.type))
        )
        row[column.name] = number if isinstance(column.type, Uuid) else value
    return row


def words_for(table: Table, personal: set[str]) -> dict[str, Any]:
    """What is written over a row that is there already: all that may hold words of theirs, and is no key."""
    written: dict[str, Any] = {}
    for column in table.columns:
        if column.name in personal and not column.primary_key and not column.foreign_keys:
            if isinstance(column.type, JSONB):
                written[column.name] = {"text": WORDS}
            elif isinstance(column.type, Text):
                written[column.name] = WORDS
    return written


async def test_an_erasure_leaves_nothing_of_the_person_in_any_table(
    service: Any, engine: Any, a_person: Any, a_draft: Any, clock: Any
) -> None:
    ines = await a_person()
    submitted = await ines.drafts(a_draft())
    await ines.submits(submitted)
    await ines.drafts(a_draft(title="Jamais déposé"))
    async with engine.begin() as tx:
        me = await tx.scalar(select(accounts.c.id))
        home = await tx.scalar(select(members.c.organisation_id))
        numbers = {"accounts": me, "events": UUID(submitted), "organisations": home}
        filled = []
        for table in metadata.sorted_tables:
            personal = of_people().get(table.name)
            if not personal or table is accounts:
                continue
            if not await tx.scalar(select(func.count()).select_from(table)):
                made = insert(table).values(a_row(table, personal, numbers)).returning(*table.primary_key.columns)
                numbers[table.name] = (await tx.execute(made)).one()[0]  # for what hangs on it
                filled.append(table.name)
            elif words := words_for(table, personal):
                await tx.execute(update(table).values(words))
        tables = list(await tx.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
        before = await left_of(tx, tables, me)
    assert of_people().keys() <= {table for table, _ in before} | {"limits"}, f"filled by this test: {filled}"

    async with engine.begin() as tx:
        assert await erase(tx, me, now=clock.now(), again_after=())
    for worker in service.workers:
        await worker.run_due()

    async with engine.connect() as tx:
        left = [(table, row) for table, row in await left_of(tx, tables, me) if not is_owed(table, row)]
        mails = await tx.scalar(text("SELECT count(*) FROM jobs WHERE kind = :mailing"), {"mailing": MAILING})
    assert left == []
    assert mails == 0


async def left_of(tx: Any, tables: list[str], me: UUID) -> list[tuple[str, str]]:
    """The rows that hold the person's number, address or name."""
    found = []
    for table in tables:
        rows = await tx.scalars(text(f'SELECT lower(t::text) FROM "{table}" t'))
        found += [(table, row) for row in rows if re.search(f"{me}|inès|payet|ines@|{WORDS.encode().hex()}", row)]
    return found


def is_owed(table: str, row: str) -> bool:
    """What is there to forget the person by, as the register says: the tombstone, what is left to do, and the number
    alone in the facts about their events, which were public."""
    if re.search("inès|payet|ines@", row):
        return False
    return (table == "outbox" and ("organisererased" in row or "registration.events" in row)) or (
        table == "jobs" and ",erasure," in row
    )
