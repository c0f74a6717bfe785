"""The dashboards, in one place: `python deploy/observability/dashboards.py` writes them for Grafana, into `grafana/`.

One of the platform, as operators and those who answer for the campaign look at it; one of each service, where the
floor's part is the same for all. A panel is what it asks, in which unit, and a sentence on how to read it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent / "grafana" / "dashboards"
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24  # of Grafana's grid


@dataclass(frozen=True)
class Panel:
    """`queries`: what is asked, by the name that a line bears (`{{job}}`: the value of a label)."""

    title: str
    unit: str
    reading: str
    queries: Mapping[str, str]
    kind: Literal["timeseries", "stat", "table"] = "timeseries"
    width: int = 8
    bad_from: float | None = None
    """From this value on it is drawn red."""


@dataclass(frozen=True)
class Row:
    """Panels under a heading."""

    title: str
    panels: Sequence[Panel]


# --- the platform ------------------------------------------------------------------------------------

WELL = Row(
    "Is it well?",
    [
        Panel(
            "Which alerts fire?",
            "short",
            "Nothing here: well. Each line is an alert; its page in docs/runbook says what to do.",
            {"": 'ALERTS{alertstate="firing"}'},
            "table",
            12,
        ),
        Panel(
            "Replicas that answer",
            "short",
            "Of each of the five services; 0 is an outage (ServiceAway).",
            {"{{job}}": "job:replicas:up or 0 * sdi:expected"},
            "stat",
            12,
        ),
        Panel(
            "How old is the map?",
            "s",
            "How far what the public sees is behind what was told. 45 s and more is an alert (MapBehind).",
            {"map": "max(sdi_map_age_seconds)"},
            bad_from=45,
        ),
        Panel(
            "Who is behind?",
            "s",
            "The age of the oldest message that a service has not taken; a peak at a bulk upload is no fault.",
            {"{{job}}": "max by (job) (job_topic:sdi_lag_seconds:max)"},
            bad_from=45,
        ),
        Panel(
            "What waits for what?",
            "short",
            "1 where a service lacks Kafka, PostgreSQL or what else it needs; no line: all have all.",
            {"{{job}}: {{on}}": "1 - min by (job, on) (sdi_up) > 0"},
            bad_from=1,
        ),
    ],
)

TARGETS = Row(
    "Is it as good as it is meant to be?",
    [
        Panel(
            "How long does an event take?",
            "s",
            "The canary, which goes the way of all events and is shown to nobody: 95 of 100, over ten minutes, from its"
            " submission until it is decided, has its place, its kit, its pin on the map.",
            {
                "{{stage}}": "histogram_quantile(0.95, max by (stage, le) ("
                "sum by (stage, le, instance) (rate(sdi_canary_seconds_bucket[10m]))))"
            },
        ),
        Panel(
            "When did the last canary come?",
            "s",
            "How long ago the newest one that has come so far was submitted. Five that did not come in a row are an"
            " alert (CanaryLate). No line: none is submitted, or none has come yet.",
            {"{{stage}}": "sdi:canary:age"},
            bad_from=330,
        ),
        Panel(
            "What is aimed at, and what is reached?",
            "percentunit",
            "The share of the last hour and of the last day beside the target; no figure where there is too little to"
            " say. Under it in both for a quarter of an hour is a ticket (TargetMissed).",
            {
                "{{what}}: aim": "sdi:target",
                "{{what}}: last hour": 'sdi:reached{window="1h"}',
                "{{what}}: last day": 'sdi:reached{window="1d"}',
            },
            "stat",
        ),
    ],
)

CAMPAIGN = Row(
    "The campaign",
    [
        Panel(
            "Where are the events?",
            "short",
            "Submitted (registration), labelled and in review (labelling), on the map. They agree once nothing waits.",
            {
                "submitted": 'max(sdi_counts{job="registration", name="submitted"})',
                "labelled": 'max(sdi_counts{job="labelling", name="labelled"})',
                "in review": 'max(sdi_counts{job="labelling", name="in_review"})',
                "rejected": 'max(sdi_counts{job="labelling", name="rejected"})',
                "on the map": "max(sdi_map_events)",
            },
        ),
        Panel(
            "How many events are decided an hour, and by whom?",
            "short",
            "By the rules, or by a person.",
            {"{{label}} by {{by}}": "sum by (label, by) (max by (label, by) (increase(sdi_decisions_total[1h])))"},
        ),
        Panel(
            "Who waits for a person?",
            "short",
            "Reviews and appeals by region (INSEE code; 00: online). Overdue ones are an alert (ReviewsOverdue).",
            {
                "{{region}} waiting": "max by (region) (sdi_reviews_waiting) > 0",
                "{{region}} overdue": "max by (region) (sdi_reviews_overdue) > 0",
            },
        ),
        Panel(
            "How long from one service's word to the next one's deed?",
            "s",
            "95 of 100 messages, from their writing to Kafka to the commit of what they did.",
            {"{{job}}": "job:sdi_message_delay_seconds:p95_5m"},
        ),
        Panel(
            "Which mails leave?",
            "short",
            "Mails a minute, by what became of them. Failed: tried again; refused: never.",
            {"{{job}} {{outcome}}": "60 * sum by (job, outcome) (rate(sdi_mails_total[$__rate_interval]))"},
        ),
        Panel(
            "How precisely are places known?",
            "short",
            "Addresses looked up an hour, by the precision of what was found; none: nobody knows them.",
            {"{{precision}}": "sum by (precision) (increase(sdi_located_total[1h]))"},
        ),
    ],
)

PEOPLE = Row(
    "What people meet",
    [
        Panel(
            "How many ask?",
            "reqps",
            "Requests a second at each public door.",
            {"{{job}}": "job:sdi_http_requests:rate2m"},
        ),
        Panel(
            "How many are answered with an error of ours?",
            "percentunit",
            "The share of answers that begin with 5. More than one in twenty is an alert (SiteErrors).",
            {
                "{{job}}": 'sum by (job) (rate(sdi_http_requests_total{status=~"5.."}[$__rate_interval]))'
                " / sum by (job) (rate(sdi_http_requests_total[$__rate_interval]))"
            },
            bad_from=0.05,
        ),
        Panel(
            "How long do people wait?",
            "s",
            "95 of 100 requests are answered within this time, counted over five minutes.",
            {"{{job}}": "job:sdi_http_request_seconds:p95_5m"},
            bad_from=1,
        ),
    ],
)


# --- a service ---------------------------------------------------------------------------------------


def floor_of(job: str, *, tells: bool, works: bool) -> list[Row]:
    """What every service shows."""
    me = f'job="{job}"'
    rows = [_hearing(me)]
    if tells:
        rows.append(_telling(me))
    if works:
        rows.append(_working(me))
    return [*rows, _processes(me)]


def _hearing(me: str) -> Row:
    return Row(
        "What it hears",
        [
            Panel(
                "Messages taken",
                "mps",
                "By what became of them: folded did something, known came twice, passed over is for others.",
                {
                    "{{outcome}}": f"sum by (outcome) (rate(sdi_messages_heard_total{{{me}}}[$__rate_interval]))",
                },
            ),
            Panel(
                "Messages that wait",
                "short",
                "Written to Kafka and not taken yet, by topic. It is what a scaler of replicas looks at.",
                {"{{topic}}": f"job_topic:sdi_lag_messages:sum{{{me}}}"},
            ),
            Panel(
                "The oldest message that waits",
                "s",
                "0: all are taken. 45 s and nothing taken is an alert (ReadingStopped).",
                {"{{topic}}": f"job_topic:sdi_lag_seconds:max{{{me}}}"},
                bad_from=45,
            ),
            Panel(
                "How long does a poll take?",
                "s",
                "Half, and 95 of 100, of the polls; what rises here is the database, as a rule.",
                {
                    "half": _quantile(0.5, "sdi_poll_seconds", me),
                    "95 of 100": _quantile(0.95, "sdi_poll_seconds", me),
                },
            ),
            Panel(
                "Messages set aside, polls tried again",
                "short",
                "In the last ten minutes. Set aside: a dead letter each (MessageSetAside).",
                {
                    "set aside: {{topic}}": "sum by (topic)"
                    f' (increase(sdi_messages_heard_total{{{me}, outcome="set_aside"}}[10m]))',
                    "again for want of {{reason}}": f"sum by (reason) (increase(sdi_polls_retried_total{{{me}}}[10m]))",
                },
            ),
        ],
    )


def _telling(me: str) -> Row:
    told = [
        Panel(
            "Facts that are not told yet",
            "short",
            "In the outbox. It rises with a bulk upload, and falls within seconds.",
            {"facts": f"max(sdi_outbox_facts{{{me}}})"},
        ),
        Panel(
            "The oldest fact that is not told",
            "s",
            "0: none waits. 45 s is an alert (FactsUntold).",
            {"age": f"max(sdi_outbox_oldest_seconds{{{me}}})"},
            bad_from=45,
        ),
        Panel(
            "Facts told",
            "mps",
            "By type, written to Kafka and marked so.",
            {"{{type}}": f"sum by (type) (rate(sdi_facts_told_total{{{me}}}[$__rate_interval]))"},
        ),
    ]
    return Row("What it tells", told)


def _working(me: str) -> Row:
    worked = [
        Panel(
            "Jobs that are not done",
            "short",
            "Later: not due yet; waiting: due; retrying: failed, and tried again; dead: given up, for an operator.",
            {"{{kind}} {{state}}": f"max by (kind, state) (sdi_jobs{{{me}}}) > 0"},
        ),
        Panel(
            "The oldest job that is due",
            "s",
            "Since it was due. 45 s and none ends is an alert (WorkStopped).",
            {"{{kind}}": f'max by (kind) (sdi_job_oldest_seconds{{{me}, state="waiting"}})'},
            bad_from=45,
        ),
        Panel(
            "How long does a job take?",
            "s",
            "95 of 100 tries, by kind.",
            {"{{kind}}": _quantile(0.95, "sdi_job_seconds", me, "kind")},
        ),
        Panel(
            "Why are jobs tried again?",
            "short",
            "Tries that failed in the last ten minutes, by the error.",
            {"{{kind}}: {{reason}}": f"sum by (kind, reason) (increase(sdi_job_retries_total{{{me}}}[10m]))"},
        ),
    ]
    return Row("What it works on", worked)


def _processes(me: str) -> Row:
    return Row(
        "Its processes",
        [
            Panel(
                "Processor",
                "percentunit",
                "Of one core, by replica. Near 1: it is overrun.",
                {"{{instance}}": f"rate(process_cpu_seconds_total{{{me}}}[$__rate_interval])"},
            ),
            Panel(
                "Memory",
                "bytes",
                "Resident, by replica.",
                {"{{instance}}": f"process_resident_memory_bytes{{{me}}}"},
            ),
            Panel(
                "When was it started, and which release is it?",
                "dateTimeAsIso",
                "Two releases side by side: a deployment that is under way, or half done.",
                {
                    "{{instance}} {{version}}": f"1000 * process_start_time_seconds{{{me}}}"
                    f" * on (instance) group_left (version) sdi_build_info{{{me}}}"
                },
                "table",
            ),
        ],
    )


def doors_of(job: str) -> Row:
    """What a service with a public door shows."""
    me = f'job="{job}"'
    return Row(
        "What people ask of it",
        [
            Panel(
                "Requests by route",
                "reqps",
                "The twelve that are asked for most.",
                {"{{route}}": f"topk(12, sum by (route) (rate(sdi_http_requests_total{{{me}}}[$__rate_interval])))"},
            ),
            Panel(
                "Answers by status",
                "reqps",
                "4: the asker's; 5: ours; cut: it ended without an answer.",
                {"{{status}}": f"sum by (status) (rate(sdi_http_requests_total{{{me}}}[$__rate_interval]))"},
            ),
            Panel(
                "How long does a route take?",
                "s",
                "95 of 100 requests; the eight slowest.",
                {"{{route}}": f"topk(8, {_quantile(0.95, 'sdi_http_request_seconds', me, 'route')})"},
            ),
            Panel(
                "Connections ended at the door",
                "short",
                "In ten minutes, by why: who is silent, who sends slowly, who has more than their share.",
                {"{{why}}": f"sum by (why) (increase(sdi_http_refused_total{{{me}}}[10m]))"},
            ),
        ],
    )


def _quantile(share: float, histogram: str, matchers: str, *by: str) -> str:
    labels = ", ".join((*by, "le"))
    return f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket{{{matchers}}}[$__rate_interval])))"


OWN: Mapping[str, Sequence[Panel]] = {
    "registration": [
        Panel(
            "Sign-ins",
            "short",
            "In ten minutes. Wrong and slowed together: somebody guesses; crowded: more cores are wanted.",
            {"{{outcome}}": "sum by (outcome) (increase(sdi_sign_ins_total[10m]))"},
        ),
        Panel(
            "Its mails",
            "short",
            "In ten minutes, by kind and what became of them.",
            {"{{kind}} {{outcome}}": 'sum by (kind, outcome) (increase(sdi_mails_total{job="registration"}[10m])) > 0'},
        ),
    ],
    "labelling": [
        Panel(
            "Decisions by label",
            "short",
            "In an hour.",
            {"{{label}}": "sum by (label) (max by (label, by) (increase(sdi_decisions_total[1h])))"},
        ),
        Panel(
            "How much do rules decide alone?",
            "percentunit",
            "Their share of the decisions of a day; the rest is people's word, or their silence.",
            {
                "rules": 'sum(max by (label) (increase(sdi_decisions_total{by="rules"}[1d])))'
                " / sum(max by (label, by) (increase(sdi_decisions_total[1d])))"
            },
        ),
        Panel(
            "Reviews that wait, by region",
            "short",
            "INSEE codes; 00: online.",
            {"{{region}}": "max by (region) (sdi_reviews_waiting) > 0"},
        ),
    ],
    "geocoding": [
        Panel(
            "What do geocoders answer?",
            "short",
            "In ten minutes. Unavailable: down, slow or too busy, and asked again.",
            {"{{provider}} {{outcome}}": "sum by (provider, outcome) (increase(sdi_geocoder_calls_total[10m])) > 0"},
        ),
        Panel(
            "How long does a geocoder take?",
            "s",
            "Half, and 90 of 100, of its answers. 2.5 s is an alert (GeocoderFails).",
            {
                "half": _quantile(0.5, "sdi_geocoder_call_seconds", 'job="geocoding"', "provider"),
                "90 of 100": _quantile(0.9, "sdi_geocoder_call_seconds", 'job="geocoding"', "provider"),
            },
            bad_from=2.5,
        ),
    ],
    "commskit": [
        Panel(
            "Kits drawn",
            "short",
            "In ten minutes. All but « made » is an alert (KitsFail).",
            {"{{outcome}}": "sum by (outcome) (increase(sdi_kits_total[10m]))"},
        ),
        Panel(
            "How long does a kit take?",
            "s",
            "Half, and 95 of 100, the wait for a free process included.",
            {
                "half": _quantile(0.5, "sdi_kit_seconds", 'job="commskit"'),
                "95 of 100": _quantile(0.95, "sdi_kit_seconds", 'job="commskit"'),
            },
        ),
        Panel(
            "Its mails",
            "short",
            "In ten minutes, by kind and what became of them.",
            {"{{kind}} {{outcome}}": 'sum by (kind, outcome) (increase(sdi_mails_total{job="commskit"}[10m])) > 0'},
        ),
    ],
    "map-feed": [
        Panel(
            "Events on the map",
            "short",
            "Of all editions whose map is open, by replica.",
            {"{{instance}}": "sdi_map_events"},
        ),
        Panel(
            "How old is the map?",
            "s",
            "By replica: how far it is behind what was told (MapBehind).",
            {"{{instance}}": "sdi_map_age_seconds"},
            bad_from=45,
        ),
        Panel(
            "What is held, and what cannot be shown?",
            "short",
            "held and listed agree; unknown_edition and unreadable are 0.",
            {"{{name}}": 'max by (name) (sdi_counts{job="map-feed"})'},
        ),
    ],
}
TELLS = ("registration", "labelling", "geocoding", "commskit")
WORKS = TELLS
DOORS = ("registration", "labelling", "map-feed")


# --- as Grafana has it ---------------------------------------------------------------------------------


def dashboards() -> dict[str, dict[str, Any]]:
    """Each dashboard, by the name of its file."""
    made = {
        "platform": _dashboard("platform", "La Semaine de l’industrie: the platform", [WELL, TARGETS, CAMPAIGN, PEOPLE])
    }
    for job, own in OWN.items():
        rows = [Row(f"What {job} is for", own), *([doors_of(job)] if job in DOORS else [])]
        rows += floor_of(job, tells=job in TELLS, works=job in WORKS)
        made[job] = _dashboard(job, f"La Semaine de l’industrie: {job}", rows)
    return made


def _dashboard(name: str, title: str, rows: Iterable[Row]) -> dict[str, Any]:
    return {
        "uid": f"sdi-{name}",
        "title": title,
        "description": "Made by deploy/observability/dashboards.py: change it there.",
        "tags": ["semaine-industrie"],
        "timezone": "Europe/Paris",
        "schemaVersion": 38,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"type": "datasource", "name": "datasource", "label": "Prometheus", "query": "prometheus"}]
        },
        "annotations": {"list": [_firing()]},
        "links": [
            {
                "type": "dashboards",
                "title": "the others",
                "tags": ["semaine-industrie"],
                "asDropdown": True,
                "icon": "external link",
                "tooltip": "",
                "url": "",
                "targetBlank": False,
                "includeVars": True,
                "keepTime": True,
            }
        ],
        "panels": _laid_out(rows),
    }


def _firing() -> dict[str, Any]:
    return {
        "name": "alerts of severity page",
        "datasource": SOURCE,
        "enable": True,
        "hide": False,
        "iconColor": "red",
        "expr": 'ALERTS{alertstate="firing", severity="page"}',
    }


def _laid_out(rows: Iterable[Row]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    y = 0
    for row in rows:
        made.append({"type": "row", "title": row.title, "id": len(made) + 1, "collapsed": False, "panels": []})
        made[-1]["gridPos"] = {"x": 0, "y": y, "w": WIDTH, "h": 1}
        x, y = 0, y + 1
        for panel in row.panels:
            if x + panel.width > WIDTH:
                x, y = 0, y + 8
            made.append({**_panel(panel), "id": len(made) + 1, "gridPos": {"x": x, "y": y, "w": panel.width, "h": 8}})
            x += panel.width
        y += 8
    return made


def _panel(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.bad_from is not None:
        steps.append({"color": "red", "value": panel.bad_from})
    is_now = panel.kind != "timeseries"
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.reading,
        "datasource": SOURCE,
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": SOURCE,
                "expr": expr,
                "legendFormat": legend,
                "instant": is_now,
                "range": not is_now,
                "format": "table" if panel.kind == "table" else "time_series",
            }
            for place, (legend, expr) in enumerate(panel.queries.items())
        ],
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, dashboard in dashboards().items():
        (FOLDER / f"{name}.json").write_text(json.dumps(dashboard, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
