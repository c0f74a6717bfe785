"""Which file holds what: the whole that `make kubernetes` writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

from .cloudnative import postgres
from .front import front
from .monitoring import alerts, monitoring
from .network import base_policies
from .pieces import Manifest, manifest
from .scaling import scaling
from .secrets import fetched
from .strimzi import kafka, topics, users
from .workloads import migrations, workloads

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "deploy" / "kubernetes"
HEAD = "# Made by `make kubernetes`: what is changed here is lost. Yours belongs to an overlay.\n"


def files() -> dict[Path, str]:
    """Every file that is made, and what must stand in it."""
    contents: Mapping[str, Iterable[Manifest]] = {
        "base/workloads.yaml": workloads(),
        "base/migrations.yaml": migrations(),
        "base/network.yaml": base_policies(),
        "base/editions.yaml": _editions(),
        "components/strimzi/kafka.yaml": kafka(),
        "components/strimzi/topics.yaml": topics(),
        "components/strimzi/users.yaml": users(),
        "components/cloudnative-pg/postgres.yaml": postgres(),
        "components/scaling/scaling.yaml": scaling(),
        "components/monitoring/monitoring.yaml": monitoring(),
        "components/monitoring/alerts.yaml": alerts(ROOT / "deploy" / "observability" / "rules"),
        "components/front/front.yaml": front(ROOT / "deploy" / "proxy"),
        "components/external-secrets/secrets.yaml": fetched(),
    }
    return {FOLDER / name: HEAD + written(manifests) for name, manifests in contents.items()}


def _editions() -> Iterator[Manifest]:
    texts = {file.name: file.read_text() for file in sorted((ROOT / "editions").glob("*.toml"))}
    yield manifest("v1", "ConfigMap", "editions", data=texts)


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: texts of several lines as blocks, nothing by reference."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _block)


def written(manifests: Iterable[Manifest]) -> str:
    """The objects as one file."""
    return yaml.dump_all(manifests, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, explicit_start=True)
