"""An export and the ten answers over it, beside a bare reader of the same topics.

sdi export   the command itself, into a new folder: every message, its envelope, a folder a day, synced, resumable
bare         aiokafka and pyarrow: the values of each type as Arrow infers them, a file for every ten thousand; no
             envelope, no days, nothing kept, nothing synced
answers      the questions of docs/analysts over what was exported, one after the other, in one DuckDB
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.json as arrow_json
import pyarrow.parquet as parquet
from aiokafka import AIOKafkaConsumer, TopicPartition

from backbone.contracts import FACT_TOPICS
from backbone.contracts.topics import PARTITIONS

from .stories import fill
from .world import world

ANSWERS = Path(__file__).parents[1] / "docs" / "analysts" / "answers.py"
AT_ONCE = 10_000


@dataclass(frozen=True)
class Run:
    """How long a process took, its processor's seconds, and the most memory that it held."""

    wall: float
    cpu: float
    peak_mb: float


async def measure_exports(number: int, runs: int) -> str:
    """The table, medians of so many runs in turn."""
    with world() as here, tempfile.TemporaryDirectory(prefix="sdi-bench-") as folder:
        servers, out = here.cluster.servers, Path(folder) / "out"
        size = fill(servers, number)
        export = [str(Path(sys.executable).parent / "sdi"), "export", "--out", str(out)]
        ways: dict[str, list[str]] = {
            "sdi export": export,
            "bare": [sys.executable, "-m", "bench.exports", "bare", servers, str(out)],
        }
        found: dict[str, list[Run]] = {name: [] for name in (*ways, "answers")}
        for _ in range(runs):
            for name in ("bare", "sdi export"):
                shutil.rmtree(out, ignore_errors=True)
                found[name].append(await asyncio.to_thread(_run, ways[name], servers))
            asking = [sys.executable, "-m", "bench.exports", "answers", servers, str(out)]
            found["answers"].append(await asyncio.to_thread(_run, asking, servers))
        files = list(out.glob("*/*/*.parquet"))
        wrote = sum(file.stat().st_size for file in files)
    said = f"{number:,} facts, {size / 1e6:,.0f} MB of values; exported: {len(files):,} files, {wrote / 1e6:,.0f} MB"
    return f"{said}\n\n{_table(found, number)}"


def _run(command: list[str], servers: str) -> Run:
    began = time.perf_counter()
    process = os.posix_spawn(command[0], command, {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": servers})
    _, status, used = os.wait4(process, 0)
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {status}")
    return Run(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _table(found: dict[str, list[Run]], number: int) -> str:
    lines = [["what", "seconds", "of its processor", "facts a second", "peak memory, MB"], ["---"] * 5]
    for name, runs in found.items():
        wall, cpu, peak = (statistics.median(getattr(run, one) for run in runs) for one in ("wall", "cpu", "peak_mb"))
        lines.append([name, f"{wall:.1f}", f"{cpu:.1f}", f"{number / wall:,.0f}", f"{peak:,.0f}"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# --- the peers, each as a process of its own -------------------------------------------------------------------------


async def bare(servers: str, out: Path) -> None:
    """Reads everything that everyone may read, and writes its values as Arrow infers them."""
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest")
    await consumer.start()
    topics = [topic.name for topic in FACT_TOPICS if not topic.personal]
    left = await consumer.end_offsets([TopicPartition(t, n) for t in topics for n in range(PARTITIONS)])
    left = {tp: end for tp, end in left.items() if end}
    consumer.assign(list(left))
    await consumer.seek_to_beginning()
    values: dict[str, list[bytes]] = {}
    while left:
        for records in (await consumer.getmany(timeout_ms=1000, max_records=AT_ONCE)).values():
            for record in records:
                values.setdefault(dict(record.headers)["ce_type"].decode(), []).append(record.value)
        for name in [name for name, some in values.items() if len(some) >= AT_ONCE]:
            _write(out, name, values.pop(name))
        for tp in [tp for tp, end in left.items() if await consumer.position(tp) >= end]:
            del left[tp]
            consumer.pause(tp)
    for name, some in values.items():
        _write(out, name, some)
    await consumer.stop()


def _write(out: Path, name: str, values: list[bytes]) -> None:
    options = arrow_json.ReadOptions(block_size=1 << 26)
    table = arrow_json.read_json(pa.BufferReader(b"\n".join(values)), options)
    parquet.write_table(table, out / f"{name}-{time.monotonic_ns()}.parquet")


def answers(out: Path) -> None:
    """Asks the ten questions."""
    spec = importlib.util.spec_from_file_location("answers", ANSWERS)
    assert spec
    assert spec.loader
    module: Any = importlib.util.module_from_spec(spec)
    sys.modules["answers"] = module
    spec.loader.exec_module(module)
    database = module.connect(str(out), "2026")
    for question in module.questions():
        module.answer(database, question)


if __name__ == "__main__":
    _, what, where, folder = sys.argv
    if what == "bare":
        Path(folder).mkdir()
        asyncio.run(bare(where, Path(folder)))
    else:
        answers(Path(folder))
