"""Watching a running stack as its operators would: Prometheus with the shipped rules, what fires told as it does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime

import httpx

from .places import Places
from .prometheus import Alert, LocalPrometheus

LOOK_SECONDS = 2.0


def watch_stack(places: Places, say: Callable[[str], None]) -> None:
    """Watches until it is interrupted. Raises CannotStart."""
    prometheus = LocalPrometheus(places.prometheus)
    prometheus.start()
    say(f"Prometheus answers at {prometheus.url}/api/v1/query; what fires is told here, until Ctrl-C")
    try:
        firing: dict[str, Alert] = {}
        while True:
            firing = told_anew(firing, prometheus.alerts(), say)
            time.sleep(LOOK_SECONDS)
    except httpx.TransportError:
        say(f"Prometheus has ended: {places.prometheus / 'log'}")
    finally:
        prometheus.stop()


def told_anew(before: dict[str, Alert], alerts: Iterable[Alert], say: Callable[[str], None]) -> dict[str, Alert]:
    """Says what fires that did not before, and what does not any more; what fires now."""
    now = {_key(alert): alert for alert in alerts if alert.fires}
    for key, alert in now.items():
        if key not in before:
            say(f"{_hour()}  {alert.severity:<6}  {alert.annotations['summary']}")
            say(f"          {alert.annotations['description']}")
            say(f"          {alert.annotations['runbook_url']}")
    for key, alert in before.items():
        if key not in now:
            say(f"{_hour()}  well    {alert.name} {' '.join(alert.labels.values())}: it is so no more")
    return now


def _key(alert: Alert) -> str:
    return f"{alert.name} {sorted(alert.labels.items())}"


def _hour() -> str:
    return f"{datetime.now().astimezone():%H:%M:%S}"
