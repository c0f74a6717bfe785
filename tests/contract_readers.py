"""Who reads a field of a fact: those who hear it and name the field in their code or templates.

By name alone, so that a field called « name » finds more readers than it has; never fewer, unless a service copies a
fact without naming its fields.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from backbone.contracts import Fact
from backbone.contracts.catalogue.messages import hearers_of
from backbone.contracts.releases import ANALYSTS

SERVICES = Path(__file__).parents[1] / "services"
_IN_TEMPLATES = re.compile(r"\.([a-z]\w*)")


def readers_of(kind: type[Fact], place: str) -> str:
    """In words, for a sentence on the field that stands there (« event.slots[].ends_at »)."""
    field = place.rpartition(".")[2].removesuffix("[]")
    heard = hearers_of(kind)
    reading = [service for service in heard if field in names_in(service)]
    whom = [*reading, *([] if kind.topic.personal else [ANALYSTS])]
    if idle := [service for service in heard if service not in reading]:
        return f"for {', '.join(whom) or 'nobody'} (not for {', '.join(idle)}: nothing there names it)"
    return f"for {', '.join(whom)}"


@cache
def names_in(service: str) -> frozenset[str]:
    """The names that a service's code and templates read of anything."""
    source = SERVICES / service / "src"
    found = {name for file in source.rglob("*.py") for name in _names(ast.parse(file.read_text()))}
    templates = [file for ending in ("html", "txt", "svg") for file in source.rglob(f"templates/**/*.{ending}")]
    return frozenset(found.union(*(_IN_TEMPLATES.findall(file.read_text()) for file in templates)))


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield node.value
