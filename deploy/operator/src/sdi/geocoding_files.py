"""Many addresses out of a file, each answered by a line of another; what was answered before is not asked again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from backbone.contracts import Address
from geocoding.pipeline import Pipeline, Placed

from .errors import Refusal
from .output import progress

ANSWER = (
    "latitude",
    "longitude",
    "precision",
    "radius_m",
    "commune_code",
    "commune_name",
    "department_code",
    "region_code",
    "epci_code",
    "industry_territory",
    "academy",
    "provider",
    "score",
)
NAMES = (*(f"found_{name}" for name in ANSWER), "found_doubts", "found_why")
"""The columns of an answer, behind those of the question."""


@dataclass(frozen=True)
class Columns:
    """A file of addresses: its header, and its rows one after the other."""

    path: Path
    header: tuple[str, ...]

    @classmethod
    def of(cls, path: Path) -> Self:
        """The file; raises `Refusal` where it has no addresses."""
        try:
            path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise Refusal(f"{path.name} is not in UTF-8: save it as « CSV UTF-8 »") from None
        with path.open(newline="", encoding="utf-8-sig") as lines:
            header = tuple(next(csv.reader(lines), ()))
        if missing := {"postcode", "city"} - {*header}:
            raise Refusal(f"{path.name} lacks the columns {', '.join(sorted(missing))}: its first line names them")
        return cls(path, header)

    def rows(self) -> Iterator[dict[str, str]]:
        with self.path.open(newline="", encoding="utf-8-sig") as lines:
            yield from csv.DictReader(lines, restval="")


@dataclass
class Done:
    """What became of a file's addresses."""

    before: int = 0
    placed: int = 0
    nowhere: int = 0


async def geocode_file(pipeline: Pipeline, asked: Columns, out: Path) -> Done:
    """Writes a line to `out` for each row of `asked`, in their order. Stopped, it goes on where it was.

    Raises `Refusal` where `out` holds the answers to other questions.
    """
    done = Done(before=_answered(asked, out))
    is_begun = out.exists() and out.stat().st_size > 0  # noqa: ASYNC240 (one file, and nothing else runs)
    rows = list(asked.rows())
    with out.open("a", newline="", encoding="utf-8") as answers, progress() as bars:
        if not is_begun:
            answers.write(_line((*asked.header, *NAMES)))
        for row in bars.track(rows[done.before :], description="Geocoding"):
            placed = await pipeline.place(_address(row))
            answers.write(_line((*(row[name] for name in asked.header), *_answer(placed))))
            done.placed += placed.location is not None
            done.nowhere += placed.location is None
    return done


def _answered(asked: Columns, out: Path) -> int:
    """How many rows are answered already; a line that was torn off by a stop is taken away."""
    if not out.exists():
        return 0
    written = out.read_bytes()
    whole = written[: written.rfind(b"\n") + 1]
    header, *answers = list(csv.reader(io.StringIO(whole.decode(errors="replace"), newline=""))) or [
        [*asked.header, *NAMES]
    ]
    same = all(
        answer[: len(asked.header)] == _plain(row[name] for name in asked.header)
        for answer, row in zip(answers, asked.rows(), strict=False)
    )
    if header != [*asked.header, *NAMES] or not same or len(answers) > sum(1 for _ in asked.rows()):
        raise Refusal(f"{out.name} holds the answers to other questions: name another file, or take it away")
    with out.open("r+b") as file:
        file.truncate(len(whole))
    return len(answers)


def _address(row: dict[str, str]) -> Address:
    street, postcode, city, code = (
        row.get(name, "").strip() for name in ("street", "postcode", "city", "commune_code")
    )
    return Address.model_construct(street=street or None, postcode=postcode, city=city, commune_code=code or None)


def _answer(placed: Placed) -> Iterator[object]:
    at = placed.location
    yield from (getattr(at, name) if at else ("none" if name == "precision" else "") for name in ANSWER)
    yield " ".join(doubt.code for doubt in at.doubts) if at else ""
    yield "; ".join(f"{why.step}: {why.said}" for why in placed.whys)


def _line(cells: Iterable[object]) -> str:
    """One line, whatever is in the cells: it is whole, or it is not there."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(_plain(cells))
    return line.getvalue()


def _plain(cells: Iterable[object]) -> list[str]:
    return [" ".join(str("" if cell is None else cell).splitlines()) for cell in cells]
