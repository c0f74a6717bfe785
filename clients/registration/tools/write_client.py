"""Writes `models.py` and `calls.py` of the client from what registration says of its API: `make client`.

The models are datamodel-code-generator's. The calls are written here: a method for each operation, named by its
`operationId`; what generators write instead is a hundred files and more.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI
from pydantic_core import to_json

from registration.app import create_app
from registration.settings import Settings

ROOT = Path(__file__).parents[3]
PACKAGE = Path(__file__).parents[1] / "src" / "registration_client"
HEADER = "# written by `make client`, of what registration says of its API: change the service, not this file"

Told = dict[str, Any]


def document() -> Told:
    """What registration says of its API; nothing need run."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    settings = Settings(
        database_url="postgresql+asyncpg://nobody@127.0.0.1:1/none",
        kafka_bootstrap_servers="127.0.0.1:1",
        edition=ROOT / "editions" / "2026.toml",
        mail_url="memory:",
        signing_key=pem,
    )
    http = create_app(settings).http
    assert isinstance(http, FastAPI)
    return http.openapi()


def files(told: Told) -> dict[str, str]:
    """The files of the client, by name."""
    with TemporaryDirectory() as folder:
        models, calls = Path(folder, "models.py"), Path(folder, "calls.py")
        _write_models(told, models)
        calls.write_text(_calls(told))
        ruff = [sys.executable, "-m", "ruff"]
        config = ["--config", str(ROOT / "pyproject.toml")]
        subprocess.run([*ruff, "check", "--quiet", "--fix", "--select", "I,F401", *config, folder], check=True)
        subprocess.run([*ruff, "format", "--quiet", *config, folder], check=True)
        return {file.name: file.read_text() for file in (models, calls)}


# --- models --------------------------------------------------------------------------------------

BOUNDS = {"minLength", "maxLength", "pattern", "minimum", "maximum", "minItems", "maxItems", "examples", "title"}
"""What is left out: what it refuses, the service says itself, in French and all of it in one answer."""
OPTIONS = (
    *("--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel"),
    *("--target-python-version", "3.11", "--use-annotated", "--strict-nullable", "--use-union-operator"),
    *("--deserialize-default-values", "enum"),
    *("--use-schema-description", "--use-field-description", "--use-single-line-docstring", "--parent-scoped-naming"),
    *("--custom-file-header", HEADER, "--disable-timestamp", "--no-formatters"),
    # as the service writes them: another way to write an address is another address, and a secret is sent
    *("--type-mappings", "email=string", "uri=string", "password=string"),
)


def _write_models(told: Told, to: Path) -> None:
    source = to.with_suffix(".json")
    source.write_bytes(to_json(_without_bounds(told)))
    command = [sys.executable, "-m", "datamodel_code_generator", "--input", str(source), "--output", str(to)]
    subprocess.run([*command, *OPTIONS], check=True)
    source.unlink()
    # of both, pydantic would take the dictionary, which always fits; the generator's option for it breaks `str | None`
    in_order = r'Annotated[\1, Field(union_mode="left_to_right")]'
    to.write_text(re.sub(r"\b(\w+ \| dict\[str, Any\])$", in_order, to.read_text(), flags=re.MULTILINE))


def _without_bounds(part: Any, *, are_names: bool = False) -> Any:
    if isinstance(part, Mapping):
        kept = {name: value for name, value in part.items() if are_names or name not in BOUNDS}
        return {name: _without_bounds(value, are_names=name == "properties") for name, value in kept.items()}
    return [_without_bounds(one) for one in part] if isinstance(part, list) else part


# --- calls ---------------------------------------------------------------------------------------

HEAD = f'''{HEADER}
"""A call for each operation of registration's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from .asking import Asking
from .models import {{models}}


class Registration(Asking):
    """Registration's API. Every call raises Refused where the service refuses."""
'''


def _calls(told: Told) -> str:
    methods = [
        _call(method, path, operation)
        for path, operations in told["paths"].items()
        for method, operation in operations.items()
    ]
    return HEAD.format(models=", ".join(map(_class_name, told["components"]["schemas"]))) + "\n".join(methods)


def _call(method: str, path: str, operation: Told) -> str:
    parameters = operation.get("parameters", [])
    where = re.sub(r"\{(\w+)\}", _in_path(parameters), path)
    said = [f'"{method.upper()}"', f'f"{where}"' if "{" in where else f'"{where}"']
    takes = [f"{p['name']}: {_type_of(p['schema'])}" for p in parameters if p["in"] == "path"]
    takes_body, says_body = _body(operation.get("requestBody", {"content": {}})["content"])
    takes, said = takes + takes_body, said + says_body
    named = [p for p in parameters if p["in"] != "path"]
    takes += ["*"] * bool(named) + [f"{_variable(p)}: {_optional(_type_of(p['schema']))} = None" for p in named]
    for place, argument in (("query", "query"), ("header", "headers")):
        told = [f'"{p["name"]}": {_variable(p)}' for p in named if p["in"] == place]
        if place == "header" and "content=content" in says_body:
            told.insert(0, '"Content-Type": media')
        if told:
            said.append(f"{argument}={{{', '.join(told)}}}")
    if "security" not in operation:
        said.append("for_all=True")
    does, answers = _answer(operation["responses"])
    return f'''
    async def {operation["operationId"]}({", ".join(["self", *takes])}) -> {answers}:
        """{operation["summary"]}."""
        return await self.{does}{", ".join(said)})
'''


def _in_path(parameters: Sequence[Told]) -> Any:
    texts = {p["name"] for p in parameters if _type_of(p["schema"]) == "str"}
    return lambda found: f"{{quote({found[1]}, safe='')}}" if found[1] in texts else f"{{{found[1]}}}"


def _body(content: Told) -> tuple[list[str], list[str]]:
    """What a call takes as its body, and how it says so."""
    if not content:
        return [], []
    media, told = next(iter(content.items()))
    if media == "application/json":
        kind = _type_of(told["schema"]).replace("dict[", "Mapping[")
        return [f"body: {kind}" + " = None" * kind.endswith("None")], ["body=body"]
    if media != "multipart/form-data":
        return ["content: bytes", f"media: Literal{list(content)}"], ["content=content"]
    others = {name: _type_of(one) for name, one in told["schema"]["properties"].items() if name != "file"}
    fields = ", ".join(f'"{name}": {name}' for name in others)
    takes = ["file: tuple[str, bytes]", *(f"{name}: {kind} | None = None" for name, kind in others.items())]
    return takes, ['files={"file": file}', f"fields={{{fields}}}"]


def _answer(responses: Mapping[str, Told]) -> tuple[str, str]:
    """How the answer is read, and as what."""
    content = next(told for status, told in responses.items() if status < "300").get("content", {})
    if not content:
        return "_do(", "None"
    media, told = next(iter(content.items()))
    if media != "application/json":
        return "_fetch(", "bytes"
    kind = _type_of(told["schema"])
    return f"_read({kind}, ", kind


def _type_of(schema: Told) -> str:
    if "$ref" in schema:
        return _class_name(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(_type_of(one) for one in schema["anyOf"])
    if "enum" in schema:
        return f"Literal{schema['enum']}"
    if schema.get("format") == "uuid":
        return "UUID"
    if schema["type"] == "array":
        return f"list[{_type_of(schema['items'])}]"
    plain = {"string": "str", "integer": "int", "boolean": "bool", "object": "dict[str, Any]", "null": "None"}
    return plain[schema["type"]]


def _optional(kind: str) -> str:
    return kind if kind.endswith("None") else f"{kind} | None"


def _class_name(schema: str) -> str:
    return schema.replace("_", "")


def _variable(parameter: Told) -> str:
    return str(parameter["name"]).lower().replace("-", "_")


if __name__ == "__main__":
    for name, text in files(document()).items():
        (PACKAGE / name).write_text(text)
