"""The legal texts: Markdown from a folder that the operator may replace, with what only the operator knows put in."""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup

from backbone.campaign.typography import in_french

from .linked import linked

log = logging.getLogger(__name__)

PACKAGED = Path(__file__).parent / "texts"
NAMES = ("mentions-legales", "donnees-personnelles", "accessibilite", "contact")
_BLANK = re.compile(r"\[\[(\w+)\]\]")


class WrongTexts(ValueError):
    """The operator's folder cannot be read as texts; the message says which file and why."""


@dataclass(frozen=True)
class Text:
    """One legal page: its title, and all of it as HTML."""

    title: str
    html: Markup


@dataclass(frozen=True)
class Texts:
    """All of them, by the address of their page."""

    pages: Mapping[str, Text]
    accessibility: str


def load_texts(folder: Path | None) -> Texts:
    """The texts of the folder, and the packaged ones for what it lacks. Raises WrongTexts."""
    told = _operator(PACKAGED) | (_operator(folder) if folder else {})
    made = {name: _text(_read(folder, f"{name}.md"), told) for name in NAMES}
    used = {blank for name in NAMES for blank in _BLANK.findall(_read(folder, f"{name}.md"))}
    if missing := sorted(blank for blank in used if not told.get(blank)):
        log.warning("legal texts: %s to be completed in operator.toml (MAP_FEED_TEXTS)", ", ".join(missing))
    return Texts(made, told.get("accessibility_status") or "non conforme")


def _read(folder: Path | None, name: str) -> str:
    own = folder / name if folder else None
    try:
        return (own if own and own.exists() else PACKAGED / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongTexts(f"{own}: {error}") from error


def _operator(folder: Path) -> dict[str, str]:
    file = folder / "operator.toml"
    if not file.exists():
        return {}
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WrongTexts(f"{file}: {error}") from error
    if wrong := [name for name, value in told.items() if not isinstance(value, str)]:
        raise WrongTexts(f"{file}: {', '.join(wrong)}: a text in quotation marks is wanted")
    return {name: value.strip() for name, value in told.items()}


def _text(markdown: str, told: Mapping[str, str]) -> Text:
    # no HTML of the text's own: it is shown as it stands
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    title = next((line.removeprefix("# ").strip() for line in markdown.splitlines() if line.startswith("# ")), "")
    html = _BLANK.sub(lambda blank: _filled(blank[1], told), parser.render(in_french(markdown)))
    return Text(title, Markup(html))  # noqa: S704 (made by the parser, which escapes, and by _filled)


def _filled(name: str, told: Mapping[str, str]) -> Markup:
    if value := told.get(name):
        return linked(value)
    return Markup('<mark class="to-complete">[à compléter par l’exploitant : {}]</mark>').format(LABELS.get(name, name))


LABELS = {
    "publisher": "nom de l’éditeur",
    "publisher_address": "adresse de l’éditeur",
    "publisher_phone": "téléphone de l’éditeur",
    "publication_director": "nom de la personne responsable",
    "host": "nom de l’hébergeur",
    "host_address": "adresse de l’hébergeur",
    "host_phone": "téléphone de l’hébergeur",
    "contact_email": "adresse électronique de contact",
    "data_protection_contact": "contact pour la protection des données",
    "legal_basis": "base légale",
    "log_retention": "durée",
    "accessibility_date": "date",
}
