"""Logs: one line a happening, with the trace it belongs to; JSON where a machine reads them.

No personal data: a log line names events, jobs and accounts by their ids.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from .trace import trace_id

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def _extras(record: logging.LogRecord) -> dict[str, object]:
    extras = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    trace = trace_id()
    return {**extras, "trace": trace} if trace else extras


class TextFormatter(logging.Formatter):
    """`12:00:01 WARNING backbone.service.listener: Kafka is not up yet (waited_s=4)`: for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname} {record.name}: {record.getMessage()}"
        extras = " ".join(f"{name}={value}" for name, value in _extras(record).items())
        line = f"{line} ({extras})" if extras else line
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: for a log store."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line = {**_extras(record), **line}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        try:
            return json.dumps(line, default=_as_text, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError):  # an extra that JSON does not know: a line that says less than none is better
            return json.dumps({name: _as_text(value) for name, value in line.items()}, ensure_ascii=False)


def _as_text(value: object) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"


def set_up_logs(log_format: str, level: str) -> None:
    """Sends all logs of this process to standard error in the format asked for, `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # aiokafka repeats harmless coordinator look-ups at INFO; requests and tokens must not reach a log at DEBUG
    for name in ("aiokafka", "httpx", "httpcore", "uvicorn", "alembic"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    logging.getLogger("faststream").setLevel(logging.ERROR)  # it warns at every start that it makes no topics
    handler.addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    # the first look-up of a group on a new cluster always fails once, and is repeated at once
    return not (record.name.startswith("aiokafka") and "GroupCoordinatorNotAvailableError" in record.getMessage())
