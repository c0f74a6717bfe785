"""The ten answers of docs/analysts.md, on facts written by hand whose right answer is known in advance."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import duckdb
import pytest

from backbone.contracts import EventSubmitted
from local_stack.season import season
from local_stack.season_files import Record, records_of, write
from sdi.exporting.shapes import KINDS, columns_of

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "analysts"
SAMPLES = ROOT / "shared" / "src" / "backbone" / "contracts" / "samples"
MON, TUE, WED, THU = (date(2026, 11, day) for day in (16, 17, 18, 19))
VERSIONS = {"EventLabelled": 2, "EventRejected": 2, "ReviewRequested": 2, "LabelWithdrawn": 2}
LYON, SAINT_PAUL, ANNECY = ("84", "69123"), ("04", "97415"), ("84", "74010")


@dataclass
class Log:
    """What the topics say, in the order in which it was written to them."""

    records: list[Record] = field(default_factory=list)

    def tell(
        self,
        kind: str,
        event: str,
        at: str = "2026-10-01T09:00:00Z",
        *,
        mark: tuple[int, int] = (1, 1),
        edition: str = "2026",
        of: dict[str, Any] | None = None,
        times: int = 1,
        **fields: Any,
    ) -> None:
        """A fact like its golden sample, but for what is said here; `of`: what is said of the event it carries."""
        sample = json.loads((SAMPLES / f"{kind}.{VERSIONS.get(kind, 1)}.json").read_text())
        key, (revision, sequence) = str(uuid5(NAMESPACE_URL, event)), mark
        about = {"event_id": key, "revision": revision, "edition": edition}
        value = {**sample["value"], **about, "sequence": sequence, **fields}
        value |= {name: at for name in value if name in ("submitted_at", "decided_at", "sent_at", "located_at")}
        if "event" in value:
            usual = {
                "themes": [],
                "status": "scheduled",
                "slots": [slot("2026-11-17T09:00:00+01:00")],
                "online_url": None,
            }
            value["event"] = {**value["event"], **usual, **about, **(of or {})}
        headers = {**sample["headers"], "ce_subject": key, "ce_id": str(uuid5(NAMESPACE_URL, f"{len(self.records)}"))}
        for _ in range(times):
            self._write(sample["headers"]["ce_source"], kind, key, json.dumps(value).encode(), headers)

    def take_back(self, topic: str, event: str) -> None:
        """A record without a value."""
        key = str(uuid5(NAMESPACE_URL, event))
        self.records.append(Record(topic, 0, len(self.records), _INSTANT, key.encode(), None, []))

    def labelled(self, event: str, at: str = "2026-10-01T09:00:00Z", **more: Any) -> None:
        """An event that the rules gave the label at once."""
        self.tell("EventLabelled", event, at, **{"had_label": False, **more})

    def located(self, event: str, place: tuple[str, str], **more: Any) -> None:
        region, commune = place
        location = json.loads((SAMPLES / "EventLocated.1.json").read_text())["value"]["location"]
        self.tell("EventLocated", event, location={**location, "region_code": region, "commune_code": commune}, **more)

    def and_another_edition(self) -> Log:
        """With something on each topic that counts nowhere."""
        self.tell("EventSubmitted", "other", edition="2025")
        self.labelled("other", edition="2025")
        self.located("other", LYON, edition="2025")
        self.tell("KitSent", "other", edition="2025")
        return self

    def _write(self, source: str, kind: str, key: str, value: bytes, headers: dict[str, str]) -> None:
        topics = {"registration": "events", "labelling": "decisions", "geocoding": "locations", "commskit": "kits"}
        writer = source.rpartition("/")[2]
        told = [(name, text.encode()) for name, text in headers.items()]
        topic = f"{writer}.{topics[writer]}"
        self.records.append(Record(topic, 0, len(self.records), _INSTANT, key.encode(), value, told))


_INSTANT = 1_795_000_000_000  # Kafka's own time is nothing to the answers


def slot(starts_at: str, status: str = "scheduled") -> dict[str, Any]:
    return {"starts_at": starts_at, "ends_at": starts_at.replace(":00:00", ":50:00"), "id": None, "status": status}


@pytest.fixture(scope="module")
def answers() -> Iterator[ModuleType]:
    sys.path.insert(0, str(PAGE))
    import answers as program

    yield program
    sys.path.remove(str(PAGE))
    del sys.modules["answers"]


Ask = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def ask(answers: ModuleType, log: Log, tmp_path: Path) -> Ask:
    """The rows of an answer, of what the log says by then."""

    def asked(number: str) -> list[tuple[Any, ...]]:
        write(log.and_another_edition().records, tmp_path / "facts")
        [question] = PAGE.glob(f"{number}-*.sql")
        _, rows = answers.answer(answers.connect(tmp_path / "facts"), question)
        return [tuple(row.values()) for row in rows]

    return asked


@pytest.fixture
def log() -> Log:
    return Log()


def test_an_event_is_counted_once_on_each_day_at_its_own_place(log: Log, ask: Ask) -> None:
    twice_a_day = [
        slot("2026-11-17T09:00:00+01:00"),
        slot("2026-11-17T14:00:00+01:00"),
        slot("2026-11-18T09:00:00+01:00"),
    ]
    log.labelled("a", of={"slots": twice_a_day}, times=2)
    log.located("a", LYON, times=2)
    on_the_island = {"timezone": "Indian/Reunion", "slots": [slot("2026-11-18T02:00:00+04:00")]}
    log.labelled("b", of=on_the_island)  # in UTC, and in Paris, that is still Tuesday
    log.located("b", SAINT_PAUL)
    log.labelled(
        "c", of={"venue": None, "online_url": "https://visio.example", "slots": [slot("2026-11-17T18:00:00+01:00")]}
    )
    log.labelled("d")
    log.located("d", LYON)
    log.tell("EventNotLocated", "d", mark=(2, 2))
    log.labelled("e", of={"slots": [slot("2026-11-17T09:00:00+01:00", "cancelled"), slot("2026-11-19T09:00:00+01:00")]})
    log.located("e", LYON)
    # where it was to be is told still, and nobody is to go there
    log.labelled("f", of={"status": "moved_online", "online_url": "https://visio.example"})
    log.located("f", LYON)
    assert ask("01") == [
        ("Auvergne-Rhône-Alpes", TUE, 1),
        ("Auvergne-Rhône-Alpes", WED, 1),
        ("Auvergne-Rhône-Alpes", THU, 1),
        ("En ligne", TUE, 2),
        ("La Réunion", WED, 1),
        ("Lieu inconnu", TUE, 1),
    ]


def test_what_visitors_are_not_shown_is_no_event_and_what_they_are_shown_is(log: Log, ask: Ask) -> None:
    for event in (
        "withdrawn",
        "refused",
        "suspended",
        "in review",
        "late",
        "cancelled",
        "postponed",
        "taken back",
        "moved",
    ):
        log.labelled(event, of={"slots": [slot("2026-11-16T09:00:00+01:00")]})
        log.located(event, LYON)
    log.tell("LabelWithdrawn", "withdrawn", mark=(2, 2))
    log.tell("EventRejected", "refused", mark=(2, 2))
    log.tell("ReviewRequested", "suspended", mark=(2, 2), label="suspended", had_label=True)
    # an amendment that a person looks at: until then what was labelled is shown, on Monday
    log.tell("ReviewRequested", "in review", mark=(2, 2), had_label=True)
    log.labelled("late", mark=(3, 3), of={"slots": [slot("2026-11-19T09:00:00+01:00")]})
    log.labelled("late", mark=(2, 2))  # comes after what is newer, and says Tuesday
    log.labelled("cancelled", mark=(2, 2), of={"status": "cancelled"})
    log.labelled("postponed", mark=(2, 2), of={"status": "postponed"})
    log.take_back("labelling.decisions", "taken back")
    log.located("moved", SAINT_PAUL, mark=(2, 2))
    log.located("moved", LYON, mark=(1, 1))  # late
    log.labelled("never told again", edition="canary")
    assert ask("01") == [
        ("Auvergne-Rhône-Alpes", MON, 1),
        ("Auvergne-Rhône-Alpes", THU, 1),
        ("La Réunion", MON, 1),
    ]


def test_a_question_of_ones_own_counts_a_doubled_fact_once(answers: ModuleType, log: Log, tmp_path: Path) -> None:
    log.labelled("a", times=3)
    log.labelled("b")
    write(log.and_another_edition().records, tmp_path / "facts")
    [(counted,)] = answers.connect(tmp_path / "facts").sql("SELECT count(*) FROM decisions").fetchall()
    assert counted == 2


def shape(kind: Any) -> Any:
    """The type of a column; of a structure its fields by name, in whatever order the files have them."""
    if kind.id == "struct":
        return {name: shape(child) for name, child in kind.children}
    return [shape(kind.children[0][1])] if kind.id == "list" else str(kind)


def test_a_table_has_all_columns_of_its_topic_whatever_was_told(answers: ModuleType, log: Log, tmp_path: Path) -> None:
    log.tell("EventSubmitted", "a")  # on the first day, and nothing else
    write(log.records, tmp_path / "facts")
    database = answers.connect(tmp_path / "facts")
    for table, topic in answers.TOPICS.items():
        expected: dict[str, Any] = {"fact": "VARCHAR", "day": "DATE"}
        for name in [name for name, kind in KINDS.items() if kind.topic.name == topic]:
            columns = duckdb.from_arrow(columns_of(name).empty_table())
            expected |= dict(zip(columns.columns, map(shape, columns.types), strict=True))
        told = database.table(table)
        left_out = {name: expected.pop(name) for name in ("_headers", "_traceparent")}
        assert left_out.keys() & set(told.columns) == set()
        assert dict(zip(told.columns, map(shape, told.types), strict=True)) == expected
    assert answers.untold(database) == ["labelling.decisions", "geocoding.locations", "commskit.kits"]


def test_who_asks_a_folder_of_something_else_is_told_what_is_there(
    answers: ModuleType, log: Log, tmp_path: Path
) -> None:
    with pytest.raises(answers.NothingToAsk, match=r"empty holds no Parquet of the facts: `sdi export --out .*empty`"):
        answers.connect(tmp_path / "empty")
    write(log.and_another_edition().records, tmp_path / "facts")
    with pytest.raises(answers.NothingToAsk, match=r"facts holds no fact of the edition 2026; of others: 2025$"):
        answers.connect(tmp_path / "facts")


def test_what_is_told_again_after_it_was_taken_back_counts(log: Log, ask: Ask) -> None:
    log.labelled("a", of={"slots": [slot("2026-11-16T09:00:00+01:00")]})
    log.take_back("labelling.decisions", "a")
    log.labelled("a", of={"slots": [slot("2026-11-19T09:00:00+01:00")]})
    assert ask("01") == [("Lieu inconnu", THU, 1)]


def test_an_organiser_waits_until_the_first_yes_or_no(log: Log, ask: Ask) -> None:
    for event in ("rules", "person", "corrected", "silence", "open", "not heard", "appealed", "taken back"):
        log.tell("EventSubmitted", event, "2026-10-01T09:00:00Z", times=2)
    log.labelled("rules", "2026-10-01T09:00:00.4Z", times=2)
    by_a_person = {"decided_by": "review", "automated": False}
    for event in ("person", "corrected", "silence", "open"):
        log.tell("ReviewRequested", event, "2026-10-01T09:00:00.5Z", had_label=False)
    log.labelled("person", "2026-10-04T09:00:00Z", mark=(1, 2), **by_a_person)
    log.tell("EventSubmitted", "person", "2026-10-20T09:00:00Z", mark=(2, 2))
    log.labelled("person", "2026-10-20T09:00:00.3Z", mark=(2, 3), **by_a_person)  # the person's word, said again
    log.tell("CorrectionRequested", "corrected", "2026-10-02T10:00:00Z", mark=(1, 2), **by_a_person)
    log.tell("EventSubmitted", "corrected", "2026-10-06T09:00:00Z", mark=(2, 2))
    log.labelled("corrected", "2026-10-06T09:00:00.4Z", mark=(2, 3))
    log.labelled("silence", "2026-10-12T09:00:00Z", mark=(1, 2), decided_by="silence")
    log.tell("EventRejected", "appealed", "2026-10-01T09:00:05Z", mark=(1, 1))
    log.tell("AppealReceived", "appealed", "2026-10-02T09:00:00Z", mark=(1, 2))
    log.labelled("appealed", "2026-10-05T09:00:00Z", mark=(1, 3), decided_by="appeal", automated=False)
    log.tell("ReviewRequested", "taken back", "2026-10-01T09:00:00.5Z", had_label=False)
    log.tell("EventWithdrawn", "taken back", mark=(2, 2))  # waits no more
    assert [row for row in ask("02") if any(row[1:])] == [
        ("less than 1 s", 1, 0, 0, 0, 0),
        ("1 to 10 s", 1, 0, 0, 0, 0),
        ("2 to 4 days", 0, 1, 0, 0, 0),
        ("4 to 8 days", 0, 0, 1, 0, 0),
        ("longer", 0, 0, 0, 1, 0),
        ("no answer yet", 0, 0, 0, 0, 2),
    ]


def test_a_reason_counts_each_event_once_and_says_how_many_are_mended(log: Log, ask: Ask) -> None:
    def verdict(condition: str, code: str, finding: str = "not_met") -> dict[str, Any]:
        words = {"message": "…", "hint": None, "evidence": [], "rule": condition, "rule_version": "1"}
        return {"condition": condition, "code": code, "finding": finding, **words}

    price, dates = verdict("free", "free-price-stated"), verdict("dates", "dates-outside-window")
    met = verdict("industry", "industry-met", "met")
    log.tell("EventRejected", "for two", verdicts=[price, dates, met], times=2)
    log.tell("EventRejected", "twice", verdicts=[price, met])
    log.tell("EventRejected", "twice", mark=(2, 2), verdicts=[price, met])
    log.labelled("twice", mark=(3, 3))
    log.tell("EventRejected", "appealed", verdicts=[dates, met])
    log.tell("AppealReceived", "appealed", mark=(1, 2), verdicts=[dates, met])
    log.labelled("appealed", mark=(1, 3))
    log.labelled("lost", mark=(2, 2))
    log.tell("EventRejected", "lost", mark=(3, 3), verdicts=[dates])
    log.tell("ReviewRequested", "in doubt", verdicts=[verdict("public", "public-doubtful", "doubtful")])
    log.tell("AppealReceived", "compacted", mark=(1, 2), verdicts=[price])  # the refusal itself is in the log no more
    assert ask("03") == [("dates", "dates-outside-window", 3, 1), ("free", "free-price-stated", 2, 1)]


def test_a_kit_is_in_time_by_the_campaigns_clock_and_the_first_one_counts(log: Log, ask: Ask) -> None:
    monday, sunday = "2026-10-12T09:00:00Z", "2026-10-11T21:59:00Z"  # Sunday evening in UTC: 23:59 in Paris
    for event in ("quick", "to the second", "slow", "failed", "amended"):
        log.labelled(event, monday, times=2)
    log.labelled("sunday", sunday)
    log.labelled("midnight", "2026-10-11T22:00:00Z")  # is Monday in Paris
    log.tell("KitSent", "quick", "2026-10-12T09:00:07Z", times=2)
    log.tell("KitSent", "to the second", "2026-10-12T09:01:00Z")
    log.tell("KitSent", "slow", "2026-10-12T09:01:00.5Z")
    log.tell("KitFailed", "failed")
    log.tell("KitSent", "amended", "2026-10-20T09:00:04Z", mark=(2, 2))  # late is told before the first one
    log.tell("KitSent", "amended", "2026-10-12T09:00:05Z")
    log.labelled("amended", "2026-10-20T09:00:00Z", mark=(2, 2), had_label=True)
    log.tell("KitSent", "sunday", "2026-10-11T21:59:10Z")
    log.tell("KitSent", "midnight", "2026-10-11T22:00:30Z")
    assert ask("04") == [(date(2026, 10, 5), 1, 1, 0, 0), (date(2026, 10, 12), 6, 4, 1, 1)]


def test_a_decision_is_overturned_by_another_word_on_the_same_text_alone(log: Log, ask: Ask) -> None:
    person = {"decided_by": "review", "automated": False}
    appeal = {"decided_by": "appeal", "automated": False}
    log.labelled("stands", times=2)
    log.labelled("stands", mark=(2, 2), had_label=True)
    log.labelled("judged again")
    log.tell("EventRejected", "judged again", mark=(1, 2), decided_by="rejudgement")
    log.labelled("amended away")
    log.tell("EventRejected", "amended away", mark=(2, 2))
    for event in ("won", "lost", "mended"):
        log.tell("EventRejected", event, mark=(1, 1), times=2)
    log.tell("AppealReceived", "won", mark=(1, 2), times=2)
    log.labelled("won", mark=(1, 3), **appeal)
    log.tell("AppealReceived", "lost", mark=(1, 2))
    log.tell("EventRejected", "lost", mark=(1, 3), **appeal)
    log.labelled("mended", mark=(2, 2))
    log.tell("ReviewRequested", "by a person", mark=(1, 1), had_label=False)
    log.labelled("by a person", mark=(1, 2), **person)
    log.tell("AppealReceived", "compacted", mark=(1, 2))  # what it is against is in the log no more
    for event in ("in review", "corrected", "taken back"):
        log.tell("ReviewRequested", event, had_label=False)
    log.tell("CorrectionRequested", "corrected", mark=(1, 2), **person)
    log.tell("EventWithdrawn", "taken back", mark=(2, 2))
    log.tell("ReviewRequested", "stands", mark=(3, 3), had_label=True)  # the first word was the rules'
    assert ask("05") == [
        ("rules", "yes", 3, 0, 1),
        ("rules", "no", 3, 2, 1),
        ("people", "yes", 1, 0, 0),
        ("people", "not yet", 2, 0, 0),
    ]


def test_a_territory_is_covered_by_an_event_in_one_of_its_communes(log: Log, ask: Ask) -> None:
    log.labelled("in", times=2)
    log.located("in", ANNECY)
    log.labelled("second")
    log.located("second", ("84", "74010"))
    log.labelled("city")  # Lyon is in no territory
    log.located("city", LYON)
    log.labelled("gone")
    log.located("gone", ("28", "76351"))
    log.tell("LabelWithdrawn", "gone", mark=(2, 2))
    log.labelled("cancelled", of={"status": "cancelled"})
    log.located("cancelled", ("28", "76351"))
    log.labelled("moved online", of={"status": "moved_online"})  # is no event to go to
    log.located("moved online", ("28", "76351"))
    told = {region: counted for region, *counted in ask("06")}
    assert sum(territories for territories, _, _ in told.values()) == 183
    assert {region: counted[1:] for region, counted in told.items() if any(counted[1:])} == {
        "Auvergne-Rhône-Alpes": [1, 2]
    }


def test_an_event_is_about_gender_balance_if_ticked_and_by_its_words_otherwise(log: Log, ask: Ask) -> None:
    log.labelled("ticked", of={"themes": ["skills", "gender_balance"], "description": "La mixité dans nos ateliers."})
    log.labelled("words", of={"title": "Elles soudent", "description": "Des INGÉNIEURES racontent."})
    log.labelled("neither", of={"title": "La fonderie", "description": "Profils, filières, affiches."})
    log.labelled("was ticked", of={"themes": ["gender_balance"]}, times=2)
    log.labelled("was ticked", mark=(2, 2), of={"title": "La forge", "description": "Du lingot à la pièce."})
    for event in ("ticked", "words", "neither", "was ticked"):
        log.located(event, LYON)
    log.labelled("online", of={"status": "moved_online", "themes": ["gender_balance"]})
    log.located("online", LYON)
    assert ask("07") == [("Auvergne-Rhône-Alpes", 4, 1, 1), ("En ligne", 1, 1, 0)]


def test_an_event_is_counted_for_each_of_its_audiences(log: Log, ask: Ask) -> None:
    log.labelled("a", of={"audiences": ["pupils", "teachers", "pupils"], "organisation_kind": "company"}, times=2)
    log.labelled("b", of={"audiences": ["pupils"], "organisation_kind": None})
    log.labelled("c", of={"audiences": ["everyone"], "organisation_kind": "company"})
    log.tell("EventRejected", "c", mark=(2, 2))
    assert ask("08") == [("company", "pupils", 1), ("company", "teachers", 1), ("not told", "pupils", 1)]


def test_an_amendment_is_compared_with_the_revision_before_it(log: Log, ask: Ask) -> None:
    later = [slot("2026-11-17T10:00:00+01:00")]
    log.tell("EventSubmitted", "a", mark=(1, 1))
    log.tell("EventSubmitted", "a", mark=(3, 3), of={"slots": later, "title": "Autre titre"}, times=2)
    log.tell("EventSubmitted", "a", mark=(2, 2), of={"slots": later})  # late
    log.labelled("a", mark=(1, 1))
    log.labelled("a", mark=(2, 2), had_label=True)
    log.tell("ReviewRequested", "a", mark=(3, 3), had_label=True)
    log.labelled("a", mark=(3, 4), had_label=True)  # what came of it is another question
    log.tell("EventSubmitted", "b", mark=(1, 1))
    log.tell("EventSubmitted", "b", mark=(2, 2), of={"status": "cancelled"})
    log.tell("EventSubmitted", "b", mark=(2, 3), of={"status": "cancelled"})  # the same revision, told again
    log.tell("EventRejected", "b", mark=(2, 2), had_label=True)
    log.tell("EventSubmitted", "compacted", mark=(1, 1))
    log.tell("EventSubmitted", "compacted", mark=(4, 4), of={"slots": later})
    log.tell("EventSubmitted", "placed", mark=(1, 1))
    log.tell("EventSubmitted", "placed", mark=(2, 2), of={"online_url": "https://visio.example"})
    log.labelled("placed", mark=(2, 2), had_label=True)
    log.tell("EventSubmitted", "in vain", mark=(1, 1))
    log.tell("EventSubmitted", "in vain", mark=(2, 2))
    log.tell("EventSubmitted", "refused", mark=(1, 1))
    log.tell("EventSubmitted", "refused", mark=(2, 2), of={"audiences": ["everyone"], "capacity": 7})
    log.labelled("refused", mark=(2, 2))
    assert ask("09") == [
        ("booking", 1, 0, 0, 0, 1),
        ("hours", 1, 1, 0, 0, 0),
        ("place", 1, 1, 0, 0, 0),
        ("status", 1, 0, 0, 1, 0),
        ("who may come", 1, 0, 0, 0, 1),
        ("words", 1, 0, 1, 0, 0),
    ]


def test_an_event_is_called_off_in_the_week_in_which_it_was_first_said(log: Log, ask: Ask) -> None:
    off, online = {"status": "cancelled"}, {"status": "moved_online"}

    def submitted(event: str, mark: tuple[int, int], at: str, of: dict[str, Any] | None = None, times: int = 1) -> None:
        log.tell("EventSubmitted", event, at, mark=mark, of=of, times=times)
        log.labelled(event, at, mark=mark, of=of)

    for event in ("off", "on again", "off again", "online", "taken back", "without the label"):
        submitted(event, (1, 1), "2026-09-01T09:00:00Z")
    submitted("off", (3, 3), "2026-10-20T09:00:00Z", off, times=2)  # still off, with a new description
    submitted("off", (2, 2), "2026-10-04T22:30:00Z", off)  # told late; Monday in Paris
    submitted("on again", (2, 2), "2026-10-06T09:00:00Z", off)
    submitted("on again", (3, 3), "2026-10-07T09:00:00Z")
    submitted("off again", (2, 2), "2026-10-06T09:00:00Z", off)
    submitted("off again", (3, 3), "2026-10-07T09:00:00Z")
    submitted("off again", (4, 4), "2026-10-13T09:00:00Z", off)
    submitted("online", (2, 2), "2026-10-06T09:00:00Z", off)
    submitted("online", (3, 3), "2026-10-14T09:00:00Z", online)
    submitted("taken back", (2, 2), "2026-10-06T09:00:00Z", off)
    log.tell("EventWithdrawn", "taken back", mark=(3, 3))
    log.tell("LabelWithdrawn", "taken back", mark=(3, 3))
    submitted("without the label", (2, 2), "2026-10-06T09:00:00Z", off)
    log.tell("EventRejected", "without the label", mark=(3, 3))
    assert ask("10") == [
        (date(2026, 10, 5), "cancelled", 1),
        (date(2026, 10, 12), "cancelled", 1),
        (date(2026, 10, 12), "moved_online", 1),
    ]


def test_the_page_asks_each_question_and_shows_its_plot_with_words_for_who_does_not_see_it() -> None:
    page = (ROOT / "docs" / "analysts.md").read_text()
    shown = dict(re.findall(r"!\[([^]]{60,})\]\(analysts/([\w-]+)\.svg\)\n\*Invented", page))
    questions = sorted(PAGE.glob("[0-9][0-9]-*.sql"))
    assert [*shown.values()] == [question.stem for question in questions]
    assert len(questions) == 10
    for place, question in enumerate(questions, start=1):
        asked = question.read_text().splitlines()[0].removeprefix("-- ")
        assert f"### {place}. {asked}\n" in page
        # the plot that is kept was drawn of this very question, and says that it is invented
        plot = question.with_suffix(".svg").read_text()
        assert f">{asked}</text>" in plot
        assert "Nothing here is a finding about the real campaign." in plot


def test_a_query_is_one_statement(answers: ModuleType) -> None:
    for question in answers.questions():
        code = re.sub(r"--.*", "", question.read_text())
        assert code.count(";") == 1
        assert code.rstrip().endswith(";")


def test_an_invented_season_keeps_to_the_contracts_and_is_drawn_whole(
    answers: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = season(30, ROOT / "editions" / "2026.toml")
    assert [*records_of(told)][-1].timestamp == max(int(one.at.timestamp() * 1000) for one in told)
    write(records_of(told), tmp_path / "season")
    monkeypatch.setattr(sys, "argv", ["answers.py", str(tmp_path / "season"), "--out", str(tmp_path / "out")])
    answers.main()
    drawn = {file.stem: file.read_text() for file in (tmp_path / "out").glob("*.svg")}
    assert sorted(drawn) == [question.stem for question in answers.questions()]
    assert ">Île-de-France</text>" in drawn["01-events-by-region-and-day"]
    last = max(one.fact.submitted_at for one in told if isinstance(one.fact, EventSubmitted)).astimezone(UTC)
    note = f"Edition 2026: 30 events were submitted, the last on {last.day} {last:%B %Y}, by the campaign’s clock."
    assert [name for name, plot in drawn.items() if f">{note}</text>" not in plot] == []
    guide = (ROOT / "docs" / "analysts.md").read_text()
    [program] = re.findall(r"```py\n(.*?)```", guide, re.S)
    program = program.replace('connect("mine/facts"', f"connect({str(tmp_path / 'season')!r}")
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert "company_visit" in done.stdout
    table = (tmp_path / "out" / "05-decided-by-machine.csv").read_text().splitlines()
    assert table[0] == "who,said,events,appealed,overturned"
    assert sum(int(row.split(",")[2]) for row in table[1:]) <= 30
