"""Apache Kafka's jars: fetched once by Maven from Maven Central, kept in a cache that all clones share.

`python -m local_stack.jars` fetches them where they are missing and prints where they are; with `--find` it
fetches nothing, and its exit code says whether they are there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .errors import CannotStart, need_disk

POM = Path(__file__).parents[2] / "kafka" / "pom.xml"
MARKER = "complete"  # holds the pom's checksum and the jars' names: half a fetch, or an older pom's, is never used
DISK_MB = 150


def jars_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the jars are kept: in `SDI_CACHE`, else in the user's cache."""
    cache = environ.get("SDI_CACHE") or Path.home() / ".cache" / "semaine-industrie"
    return Path(cache).resolve() / "kafka-4.3.1"


def find_jars(folder: Path) -> Path | None:
    """The folder if every jar of today's pom is in it."""
    marker = folder / MARKER
    return folder if marker.exists() and marker.read_text() == _contents(folder) else None


def fetch_jars(folder: Path) -> Path:
    """The folder with every jar in it; Maven, which checks their checksums, fetches them where they are missing."""
    if found := find_jars(folder):
        return found
    if shutil.which("mvn") is None:
        raise CannotStart("Apache Kafka's jars are not here and Maven is not installed: sudo apt-get install maven")
    folder.parent.mkdir(parents=True, exist_ok=True)
    need_disk(folder.parent, DISK_MB, "Apache Kafka's jars")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="kafka-") as aside:
        fetched = Path(aside) / "jars"
        _run_maven(fetched)
        (fetched / MARKER).write_text(_contents(fetched))
        return _move_in(fetched, folder)


def _contents(folder: Path) -> str:
    names = sorted(jar.name for jar in folder.glob("*.jar"))
    return "\n".join([hashlib.sha256(POM.read_bytes()).hexdigest(), *names, ""])


def _run_maven(folder: Path) -> None:
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    command = ["mvn", "--batch-mode", "--quiet", "--file", str(POM), *goal]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        errors = [line for line in done.stdout.splitlines() if line.startswith("[ERROR]")]
        raise CannotStart(f"Maven could not fetch Apache Kafka: {(errors or ['no reason given'])[0]}")


def _move_in(fetched: Path, folder: Path) -> Path:
    if folder.exists() and not find_jars(folder):
        shutil.rmtree(folder)
    try:
        return fetched.rename(folder)
    except OSError:
        # another start was quicker
        if found := find_jars(folder):
            return found
        raise


def main(arguments: list[str]) -> None:
    """What `deploy/setup` calls."""
    folder = jars_folder()
    if arguments == ["--find"]:
        sys.exit(0 if find_jars(folder) else 1)
    try:
        print(fetch_jars(folder))
    except CannotStart as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main(sys.argv[1:])
