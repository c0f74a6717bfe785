"""How a fact shows in a trace, as it is told and as it is heard, in the words of OpenTelemetry's conventions."""

from __future__ import annotations

from collections.abc import Mapping

from opentelemetry.trace import SpanKind

from ..contracts import FACT_TOPICS
from ..runtime.spans import Said, Together
from ..runtime.trace import event_of
from .envelope import Heard

_OF_PEOPLE = {topic.name for topic in FACT_TOPICS if topic.personal}  # their keys are people's, and stay there


def sent(spans: Together, topic: str, headers: Mapping[str, str], message_id: object) -> Mapping[str, str]:
    """Begins the span of a fact that is told. The headers that it leaves with: whoever hears it goes on from there."""

    def said() -> Said:
        return {
            "messaging.system": "kafka",
            "messaging.operation.name": "send",
            "messaging.operation.type": "send",
            "messaging.destination.name": topic,
            "messaging.message.id": str(message_id),
            "cloudevents.event_type": headers.get("ce_type", ""),
            **({"sdi.event.id": headers["ce_subject"]} if topic not in _OF_PEOPLE else {}),
        }

    parent = headers.get("traceparent")
    mark = spans.begin(f"send {topic}", SpanKind.PRODUCER, parent, said)
    return headers if mark == parent else {**headers, "traceparent": mark or ""}


def processed(spans: Together, heard: Heard, group: str) -> str | None:
    """Begins the span of a fact that is folded, until all of its poll is committed; the traceparent of what follows."""

    def said() -> Said:
        event = event_of(heard.fact)
        return {
            "messaging.system": "kafka",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": heard.record.topic,
            "messaging.destination.partition.id": str(heard.record.partition),
            "messaging.kafka.offset": heard.record.offset,
            "messaging.consumer.group.name": group,
            "messaging.message.id": heard.id,
            "cloudevents.event_type": heard.fact.ce_type,
            **({"sdi.event.id": event} if event else {}),
        }

    return spans.begin(f"process {heard.record.topic}", SpanKind.CONSUMER, heard.traceparent, said)
