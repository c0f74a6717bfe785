"""Logs: one line a happening, with the trace and the event it belongs to; JSON where a machine reads them.

No personal data: a log line names events, jobs and accounts by their ids, what libraries say in passing is not in it,
and of errors that quote what they were given it has the place and the kind, not the words.

structlog makes the lines, of whatever comes by way of the standard library's logging: ours and everybody's.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.types import EventDict, WrappedLogger

from .trace import where_we_are

_NOBODYS = ("message", "asctime", "taskName", "color_message", "_record")
_QUOTING = (ValueError, LookupError)
"""Errors whose words often are what they could not take: “could not convert string to float: …”."""
_QUOTING_LIBRARIES = ("asyncpg", "pydantic", "pydantic_core", "sqlalchemy", "email_validator", "phonenumbers")
SELDOM_SECONDS = 60.0


_EXTRAS = ExtraAdder()


def _told(logger: WrappedLogger, name: str, said: EventDict) -> EventDict:
    """Where the line belongs, and what is told with it, beside what it says itself: neither takes the other's place."""
    told = _EXTRAS(logger, name, {"_record": said["_record"]})
    extras = {key: value for key, value in told.items() if key not in _NOBODYS}
    return {**said, "told": {**where_we_are(), **extras}}


def _as_json(_: WrappedLogger, __: str, said: EventDict) -> str:
    record: logging.LogRecord = said["_record"]
    line: dict[str, object] = {
        **said["told"],
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": said["event"],
    }
    if said.get("exc_info"):
        line["exception"] = _traceback(said["exc_info"])
    try:
        return _without_secrets(json.dumps(line, default=_as_text, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError):  # an extra that JSON does not know: a line that says less than none is better
        told = {name: _as_text(value) for name, value in line.items()}
        return _without_secrets(json.dumps(told, ensure_ascii=False))


def _as_text_line(_: WrappedLogger, __: str, said: EventDict) -> str:
    record: logging.LogRecord = said["_record"]
    at = time.strftime("%H:%M:%S", time.localtime(record.created))
    line = f"{at} {record.levelname} {record.name}: {said['event']}"
    extras = " ".join(f"{name}={_as_text(value)}" for name, value in said["told"].items())
    line = f"{line} ({extras})" if extras else line
    return _without_secrets(f"{line}\n{_traceback(said['exc_info'])}" if said.get("exc_info") else line)


def _without_secrets(line: str) -> str:
    """The line, where a key of an organisation shows how it begins, and a refresh token that it is one."""
    return _SECRETS.sub(r"\1…", line) if "sd" in line else line


_SECRETS = re.compile(r"\b(sdi_[a-z2-7]{8}_|sdr_)[A-Za-z0-9_=-]{16,}")


def _as_text(value: object) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"


def _traceback(exc_info: Any) -> str:
    told = traceback.TracebackException(*exc_info)
    _hush(told)
    return "".join(told.format()).rstrip("\n")


def _hush(told: traceback.TracebackException) -> None:
    """Takes the words of errors that quote, the causes' too; the places and the kinds stay."""
    kind: Any = told.exc_type
    if kind is not None and (issubclass(kind, _QUOTING) or kind.__module__.split(".")[0] in _QUOTING_LIBRARIES):
        told._str = ""  # type: ignore[attr-defined]
    for other in (told.__cause__, told.__context__, *(told.exceptions or ())):
        if other is not None:
            _hush(other)


class JsonFormatter(ProcessorFormatter):
    """One JSON object a line: for a log store."""

    def __init__(self) -> None:
        super().__init__(processors=[_told, _as_json])


class TextFormatter(ProcessorFormatter):
    """`12:00:01 WARNING backbone.service.listener: Kafka is not up yet (waited_s=4)`: for a person at a terminal."""

    def __init__(self) -> None:
        super().__init__(processors=[_told, _as_text_line])


def set_up_logs(log_format: str, level: str, of: Iterable[str] = ()) -> None:
    """Sends all logs of this process to standard error in the format asked for, `text` or `json`.

    What the floor and the packages named say is told from `level` on; what libraries say, from WARNING on: below it
    they tell of requests, mails and rows as they are.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    handler.addFilter(_News())
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelName(level)), handlers=[handler], force=True)
    for name in ("backbone", *of):
        logging.getLogger(name).setLevel(level)
    logging.getLogger("faststream").setLevel(logging.ERROR)  # it warns at every start that it makes no topics


class _News(logging.Filter):
    """Leaves out what says nothing, and what says the same again and again."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        # the first look-up of a group on a new cluster always fails once, and is repeated at once
        if record.name.startswith("aiokafka") and "GroupCoordinatorNotAvailableError" in record.getMessage():
            return False
        if record.name.startswith("opentelemetry"):  # a collector that is away is no reason to fill the log
            return self._is_seldom(str(record.msg))
        return True

    def _is_seldom(self, what: str) -> bool:
        now, before = time.monotonic(), self._said.get(what)
        if before is not None and now - before < SELDOM_SECONDS:
            return False
        self._said[what] = now
        return True
