"""An invented season as `sdi export` would have written it: `python -m local_stack.season_files FOLDER`."""

from __future__ import annotations

import argparse
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from zlib import crc32

from backbone.contracts.topics import PARTITIONS
from backbone.kafka.envelope import Headers, fact_headers, wire_headers, written
from sdi.exporting.kept import Asked, Kept
from sdi.exporting.loop import Gathering, Pace
from sdi.exporting.places import Folder
from sdi.public import PUBLIC

from .season import Told, season

EDITION = Path(__file__).parents[4] / "editions" / "2026.toml"
AT_ONCE = 5000
NO_TRACE = f"00-{1:032x}-{1:016x}-00"


@dataclass
class Record:
    """As a consumer is handed it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def records_of(told: Sequence[Told]) -> Iterator[Record]:
    """What Kafka would hold of it; each fact is held against its contract first."""
    ends: Counter[tuple[str, int]] = Counter()
    for one in told:
        topic, key, value = one.fact.topic.name, one.fact.key.encode(), written(one.fact)
        place = (topic, crc32(key) % PARTITIONS)
        headers = wire_headers(fact_headers(one.fact, NO_TRACE), uuid5(NAMESPACE_URL, f"{place} {ends[place]}"), one.at)
        yield Record(
            topic=topic,
            partition=place[1],
            offset=ends[place],
            timestamp=int(one.at.timestamp() * 1000),
            key=key,
            value=value.encode() if value else None,
            headers=headers,
        )
        ends[place] += 1


def write(records: Iterable[Record], folder: Path) -> None:
    """Writes the folder anew, as an export of these records."""
    shutil.rmtree(folder, ignore_errors=True)
    place, left = Folder(folder), iter(records)
    asked = Asked("parquet", tuple(topic.name for topic in PUBLIC), None, None, None)
    gathering = Gathering(place, place.open() or Kept(asked, "invented"), Pace())
    while lot := list(islice(left, AT_ONCE)):
        gathering.take(lot, {})
    gathering.write()
    place.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=4763, help="as many as the edition of 2019 had, unless said")
    asked = parser.parse_args()
    told = season(asked.events, EDITION)
    write(records_of(told), asked.folder)
    print(f"{len(told):,} facts of {asked.events:,} invented events in {asked.folder}")


if __name__ == "__main__":
    main()
