"""Writes the files of the contracts from the code: `make contracts`.

`backbone/contracts/schemas/told/` holds what each fact's writer promises, `…/read/` what its reader cannot do without,
a file for each version; `docs/contracts/` is the catalogue: pages, and the whole as one AsyncAPI document. A schema
that stands in a release (`backbone/contracts/releases/`) is never written again: a fact that says something else is the
next version of it. `make release-contracts RELEASE=0.2.0` keeps what is promised today as that release.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from backbone.contracts import Fact
from backbone.contracts.catalogue import markdown
from backbone.contracts.catalogue.asyncapi import asyncapi
from backbone.contracts.catalogue.messages import SAMPLES, facts, public_topics
from backbone.contracts.catalogue.odcs import odcs
from backbone.contracts.releases import breaches, next_release, promises, released, released_versions, tampered
from backbone.contracts.schema import FOLDER, Schema, name_of, read, told

ROOT = Path(__file__).parents[1]
SCHEMAS = FOLDER / "schemas"
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
    terms = {DOCUMENTS / f"{topic.name}.odcs.yaml": _as_yaml(odcs(topic)) for topic in public_topics()}
    return {DOCUMENTS / "asyncapi.json": _written(asyncapi()), **pages, **terms}


def _as_yaml(document: Mapping[str, Any]) -> str:
    made = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=116)
    return f"# written by `make contracts`: change backbone/contracts, not this file\n{made}"


def _written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def write() -> None:
    """Writes what has changed; refuses to write a released schema anew."""
    kept = released_versions()
    for path, schema in schema_files().items():
        text = _written(schema)
        if path.exists() and path.stem in kept and path.read_text() != text:
            sys.exit(f"{path.stem} is released: give its class the next `version`, and a sample under {SAMPLES.name}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    DOCUMENTS.mkdir(exist_ok=True)
    for path, text in document_files().items():
        path.write_text(text)


def release(name: str) -> None:
    """Keeps today's promises as a release; refuses where they break an earlier one, or its files were altered."""
    before = released()
    if name in {kept["release"] for kept in before}:
        sys.exit(f"{name} was released already: a release is never written again")
    wrong = [*tampered(before), *(breach for kept in before for breach in breaches(kept, promises()))]
    if wrong:
        sys.exit("\n".join(wrong))
    write()
    file, kept = next_release(name)
    (FOLDER / file).write_text(_written(kept))
    sys.stdout.write(f"{name} is kept as {file}: {len(kept['files'])} schemas and samples that stay as they are\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            write()
        case ["--release", str(name)] if name:
            release(name)
        case _:
            sys.exit("usage: contract_files.py [--release NAME]")
