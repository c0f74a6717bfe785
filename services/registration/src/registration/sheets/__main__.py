"""`python -m registration.sheets FILE`: a line of JSON for its headings, one for each row, one for its end."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from .bounds import SheetRefused
from .reading import read_sheet

MOST_MEMORY = 1536 * 1024 * 1024
MOST_SECONDS = 120


def main(path: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
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
    else:
        _say({"ends": True})


def _say(what: Any) -> None:
    sys.stdout.buffer.write(json.dumps(what, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
