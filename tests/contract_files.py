"""Writes the files of the contracts from the code: `make contracts`.

`backbone/contracts/schemas/told/` holds what each fact's writer promises, `…/read/` what its reader cannot do without,
a file for each version; `docs/contracts/` is the catalogue: pages, and the whole as one AsyncAPI document. A schema
that stands in a release (`released.txt`) is never written again: a fact that says something else is the next version
of it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backbone.contracts import Fact
from backbone.contracts.catalogue import markdown
from backbone.contracts.catalogue.asyncapi import asyncapi
from backbone.contracts.catalogue.messages import SAMPLES, facts
from backbone.contracts.schema import FOLDER, Schema, name_of, read, told

ROOT = Path(__file__).parents[1]
SCHEMAS = FOLDER / "schemas"
RELEASED = SCHEMAS / "released.txt"
DOCUMENTS = ROOT / "docs" / "contracts"


def file_name(kind: type[Fact]) -> str:
    return f"{name_of(kind)}.{kind.version}.json"


def schema_files() -> dict[Path, Schema]:
    """The files of today's versions, and what must stand in them."""
    both = {"told": told, "read": read}
    return {SCHEMAS / which / file_name(kind): made(kind) for kind in facts() for which, made in both.items()}


def document_files() -> dict[Path, str]:
    """The files of the catalogue, and what must stand in them."""
    pages = {DOCUMENTS / name: text for name, text in markdown.pages().items()}
    return {DOCUMENTS / "asyncapi.json": _written(asyncapi()), **pages}


def _written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Writes what has changed; refuses to write a released schema anew."""
    released = set(RELEASED.read_text().split())
    for path, schema in schema_files().items():
        text = _written(schema)
        if path.exists() and path.stem in released and path.read_text() != text:
            sys.exit(f"{path.stem} is released: give its class the next `version`, and a sample under {SAMPLES.name}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    DOCUMENTS.mkdir(exist_ok=True)
    for path, text in document_files().items():
        path.write_text(text)


if __name__ == "__main__":
    main()
