"""What the contracts hold."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from backbone.contracts import FACT_TOPICS, EventFact, EventLabelled, Fact, OrganiserErased


def all_facts(kind: type[Fact] = Fact) -> set[type[Fact]]:
    # those of the contracts: other tests may have made facts of their own
    children = (child for child in kind.__subclasses__() if child.__module__.startswith("backbone.contracts"))
    return {kind, *(fact for child in children for fact in all_facts(child))}


def test_every_fact_is_told_on_one_of_the_fact_topics() -> None:
    told = {fact.topic for fact in all_facts() if hasattr(fact, "topic")}
    assert told == set(FACT_TOPICS)


def test_every_contract_has_a_docstring() -> None:
    assert [fact.__name__ for fact in all_facts() if not fact.__doc__] == []


def test_a_topic_has_one_writer_whose_name_it_bears() -> None:
    assert {topic.name.split(".")[0] for topic in FACT_TOPICS} == {topic.writer for topic in FACT_TOPICS}


def test_only_the_topic_of_organisers_holds_personal_data() -> None:
    assert [topic.name for topic in FACT_TOPICS if topic.personal] == ["registration.organisers"]


def test_no_public_fact_has_a_field_for_a_person() -> None:
    personal = {"email", "name", "phone", "password", "recipient"}
    public = [fact for fact in all_facts() if hasattr(fact, "topic") and not fact.topic.personal]
    assert {field for fact in public for field in fact.model_fields} & personal == set()


def test_a_fact_cannot_be_changed() -> None:
    fact = OrganiserErased(organiser_id="00000000-0000-0000-0000-000000000001")  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        fact.organiser_id = None  # type: ignore[assignment, misc]


def test_facts_about_an_event_carry_its_revision_and_are_keyed_by_its_id() -> None:
    assert {"event_id", "revision"} <= set(EventFact.model_fields)
    assert EventLabelled.ce_type == "fr.semaine-industrie.EventLabelled"
