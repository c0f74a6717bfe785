"""One line a happening, which a machine can read, and which is never lost for what it carries."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from backbone.runtime.logs import JsonFormatter, TextFormatter
from backbone.runtime.trace import trace

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def a_record(message="it happened", *args, exc_info=None, **extras):
    record = logging.LogRecord("backbone.service.listener", logging.WARNING, "bus.py", 1, message, args, exc_info)
    vars(record).update(extras)
    record.created = 1_600_000_000.25
    return record


def test_a_line_of_json_says_when_where_what_and_to_which_trace_it_belongs():
    with trace(TRACE):
        line = JsonFormatter().format(a_record("%s is « up »", "Kafka", waited=4, path=Path("/x")))
    assert "\n" not in line
    assert json.loads(line) == {
        "at": "2020-09-13T12:26:40.250+00:00",
        "level": "WARNING",
        "logger": "backbone.service.listener",
        "message": "Kafka is « up »",
        "waited": 4,
        "path": "/x",
        "trace": "0af7651916cd43dd8448eb211c80319c",
        "span": "b7ad6b7169203331",
    }


def test_a_line_names_the_event_that_the_work_is_about(withdrawn):
    with trace(TRACE, withdrawn(1)):
        assert json.loads(JsonFormatter().format(a_record()))["event"] == str(UUID(int=1))
    request = {"type": "http", "path_params": {"event_id": str(UUID(int=2))}}
    with trace(TRACE, request):
        assert json.loads(JsonFormatter().format(a_record()))["event"] == str(UUID(int=2))
        assert json.loads(JsonFormatter().format(a_record(event="another")))["event"] == "another"


def test_what_a_visitor_writes_in_an_address_is_no_event():
    with trace(TRACE, {"type": "http", "path_params": {"event_id": "marie@exemple.fr"}}):
        assert "marie" not in JsonFormatter().format(a_record())


def test_an_exception_stays_within_its_line():
    try:
        raise RuntimeError("two\nlines")
    except RuntimeError:
        line = JsonFormatter().format(a_record(exc_info=sys.exc_info()))
    assert "\n" not in line
    assert json.loads(line)["exception"].endswith("RuntimeError: two\nlines")


MARIE = "marie@exemple.fr"


class OfAPerson(BaseModel):
    age: int


def quoting_json():
    OfAPerson.model_validate({"age": MARIE})


def quoting_a_number():
    float(MARIE)


def quoting_a_key():
    return {}[MARIE]


def quoting_a_row():
    error = asyncpg.UniqueViolationError(f"Key (email)=({MARIE}) already exists")
    raise DBAPIError("INSERT …", {}, error, hide_parameters=True) from error


@pytest.mark.parametrize("fails", [quoting_json, quoting_a_number, quoting_a_key, quoting_a_row])
@pytest.mark.parametrize("formatter", [JsonFormatter, TextFormatter])
def test_of_an_error_that_quotes_what_it_was_given_the_line_has_the_place_and_the_kind(fails, formatter):
    def fail():
        try:
            fails()
        except Exception as error:
            raise ExceptionGroup("two things", [error, RuntimeError("ours")]) from error

    with pytest.raises(ExceptionGroup) as caught:
        fail()
    line = formatter().format(a_record(exc_info=(caught.type, caught.value, caught.tb)))
    assert MARIE not in line
    assert fails.__name__ in line
    assert "RuntimeError: ours" in line


class Unprintable:
    """An object that cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError


LOOP: list[object] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    "odd",
    [
        object(),
        {1, 2},
        b"\xff",
        "\udcff",
        float("nan"),
        float("inf"),
        LOOP,
        {(1, 2): 3},
        Unprintable(),
        [Unprintable()],
    ],
)
def test_a_line_is_never_lost_for_an_odd_extra(odd):
    line = JsonFormatter().format(a_record(odd=odd))

    def refuse(constant):
        raise ValueError(constant)

    read = json.loads(line, parse_constant=refuse)
    assert (read["message"], "odd" in read) == ("it happened", True)


def test_an_extra_does_not_replace_what_the_line_says_itself():
    read = json.loads(JsonFormatter().format(a_record(level="none", at="never", logger="nobody")))
    assert (read["level"], read["logger"], read["at"][:4]) == ("WARNING", "backbone.service.listener", "2020")


def test_a_line_for_a_person_is_short():
    line = TextFormatter().format(a_record("Kafka is not up yet", waited=4))
    assert line.split(" ", 1)[1] == "WARNING backbone.service.listener: Kafka is not up yet (waited=4)"


def test_all_logs_go_to_standard_error_and_those_of_clients_are_quiet():
    program = (
        "import logging; from backbone.runtime.logs import set_up_logs; set_up_logs('json', 'DEBUG');"
        "logging.getLogger('backbone.ours').debug('a'); logging.getLogger('theirs').debug('a row');"
        "logging.getLogger('httpx').info('token');"
        "logging.getLogger('httpcore.http11').debug('token'); logging.getLogger('uvicorn.error').warning('b')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=180, check=True)
    assert [json.loads(line)["message"] for line in done.stderr.splitlines()] == ["a", "b"]
    assert done.stdout == ""
