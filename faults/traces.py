"""Every place in which the platform keeps anything, searched for a word."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from aiokafka.record.memory_records import MemoryRecords

from provision.databases import SERVICES

from .mailbox import Mailbox
from .platform import Platform


async def traces(platform: Platform, mailbox: Mailbox, word: str) -> list[str]:
    """Where the word stands: in records (as they lie on the disk, unpacked), rows, mails and logs."""
    needle = word.encode()
    found = [f"a record of {topic}" for topic, part in _parts_of_records(platform.state) if needle in part]
    found += [f"a row of {table}" async for table in _rows_with(platform, word)]
    found += ["a mail" for file in mailbox.files() if needle in _readable(file)]
    found += [f"the log {file.name}" for file in (platform.state / "logs").glob("*.log") if needle in file.read_bytes()]
    return sorted(set(found))


def _parts_of_records(state: Path) -> Iterator[tuple[str, bytes]]:
    # from the segments and not by reading: a file that waits to be removed counts
    for segment in (state / "kafka" / "data").glob("*-*/*.log*"):
        try:
            records = MemoryRecords(segment.read_bytes())
        except FileNotFoundError:
            continue  # removed just now
        topic = segment.parent.name.rsplit("-", 1)[0]
        while records.has_next():
            for record in records.next_batch():
                for part in (record.key, record.value, *(value for _, value in record.headers)):
                    yield topic, part or b""


async def _rows_with(platform: Platform, word: str) -> AsyncIterator[str]:
    for service in SERVICES:
        async with platform.admin(service) as connection:
            tables = await connection.fetch(
                "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public'"
            )
            for table in tables:
                question = f"SELECT count(*) FROM {table['name']} AS t WHERE strpos(t::text, $1) > 0"
                if await connection.fetchval(question, word):
                    yield f"{service} {table['name']}"


def _readable(file: Path) -> bytes:
    # the parts of a mail are encoded for their journey; its headers stand as they are where they are plain
    mail = message_from_bytes(file.read_bytes(), policy=default)
    texts = [str(value) for value in mail.values()]
    texts += [str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join(texts).encode()
