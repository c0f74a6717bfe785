"""Holds objects against the schemas of Kubernetes and of the operators: `schemas.py FOLDER FILE`, where FOLDER has the
operators' CustomResourceDefinitions. Says what is wrong with each, with 1; for `deploy/kubernetes/check`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

KUBERNETES = "1.37.0"


def definitions(folder: Path) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """By apiVersion and kind, the schema of each version of each custom resource."""
    for file in sorted(folder.glob("*.yaml")):
        for one in yaml.safe_load_all(file.read_text()):
            if one and one.get("kind") == "CustomResourceDefinition":
                spec = one["spec"]
                for version in spec["versions"]:
                    schema = _closed(version["schema"]["openAPIV3Schema"])
                    # what is of every object is Kubernetes' own to check
                    schema["properties"] |= {key: {"type": "string"} for key in ("apiVersion", "kind")}
                    schema["properties"]["metadata"] = {"type": "object"}
                    yield (f"{spec['group']}/{version['name']}", spec["names"]["kind"]), schema


def _closed(schema: Any) -> Any:
    """The same, in which a field that is not declared is an error, as the server says when it is asked to be strict."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(one) for name, one in schema.items()}
    if isinstance(closed.get("properties"), dict) and not closed.get("x-kubernetes-preserve-unknown-fields"):
        closed.setdefault("additionalProperties", False)
    if closed.pop("x-kubernetes-int-or-string", False):
        closed.pop("type", None)
    return closed


def faults(one: Mapping[str, Any], custom: Mapping[tuple[str, str], dict[str, Any]]) -> Iterator[str]:
    """What is wrong with an object; one whose kind nobody defines is wrong too."""
    if schema := custom.get((one["apiVersion"], one["kind"])):
        for fault in jsonschema.Draft7Validator(schema).iter_errors(one):
            yield f"{'/'.join(map(str, fault.absolute_path))}: {fault.message[:300]}"
        return
    try:
        kubernetes_validate.validate(one, KUBERNETES, strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
        yield str(error.message)[:300]


def main() -> None:
    """The command."""
    custom = dict(definitions(Path(sys.argv[1])))
    objects = [one for one in yaml.safe_load_all(Path(sys.argv[2]).read_text()) if one]
    wrong = [f"{one['kind']} {one['metadata']['name']}: {fault}" for one in objects for fault in faults(one, custom)]
    print("\n".join(wrong) or f"{len(objects)} objects, as their schemas say")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
