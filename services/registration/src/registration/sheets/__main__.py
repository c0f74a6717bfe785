"""`python -m registration.sheets FILE [MIB]`: a line of JSON for its headings, one for each row, one for its end."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from .bounds import MOST_MEMORY, TOO_HEAVY, SheetRefused
from .reading import read_sheet

MOST_SECONDS = 120


def main(path: str, mebibytes: int = MOST_MEMORY) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (mebibytes << 20, mebibytes << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheet = read_sheet(Path(path))
        headings = list(sheet.layout.headings)
        _say({"row": sheet.layout.row, "headings": headings, "sheet": sheet.name, "notices": sheet.notices})
        for row in sheet.rows:
            _say(row)
    except SheetRefused as refused:
        _say({"refused": str(refused)})
    except MemoryError:
        _say({"refused": TOO_HEAVY})
    else:
        _say({"ends": True})


def _say(what: Any) -> None:
    sys.stdout.buffer.write(json.dumps(what, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
