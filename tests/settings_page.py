"""Writes `docs/settings.md` from the settings that the services declare: `python tests/settings_page.py`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from backbone.service.settings import ServiceSettings

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
SERVICES = ("registration", "labelling", "geocoding", "commskit", "map_feed")

HEAD = """\
# Settings

Environment variables. Each may be told to one service only, with its name before it (`GEOCODING_LOG_LEVEL`,
`MAP_FEED_HTTP_PORT`), and be read from a file (`DATABASE_URL_FILE=/run/secrets/…`): passwords and keys are best told
so. A setting that is missing or wrong ends the service at once, with 2 and one line that names it. This page is made
from the code by `python tests/settings_page.py`, and a test compares the two.
"""


def settings_of(service: str) -> type[ServiceSettings]:
    """What a service declares."""
    declared: type[ServiceSettings] = import_module(f"{service}.settings").Settings
    return declared


def page() -> str:
    """The page as it should be."""
    everyones = ServiceSettings.model_fields
    parts = [HEAD, *_section("Every service", everyones)]
    for service in SERVICES:
        own = {name: field for name, field in settings_of(service).model_fields.items() if name not in everyones}
        parts += _section(service.replace("_", "-"), own)
    return "\n".join(parts)


def _section(title: str, fields: Mapping[str, FieldInfo]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| setting | by default | what it is |\n|---|---|---|"
    for name, field in fields.items():
        yield f"| `{name.upper()}` | {_default(field)} | {_cell(field.description or '')} |"
    yield ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be told"
    default: Any = field.get_default(call_default_factory=True)
    if default is None or default in ("", ()):
        return "unset"
    if isinstance(default, str | int | float):
        return f"`{default}`"
    told = TypeAdapter(type(default) if isinstance(default, timedelta) else Any).dump_json(default).decode()
    return f"`{_cell(told if not isinstance(json.loads(told), str) else json.loads(told))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page())
