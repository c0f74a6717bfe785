"""Programs in Java: fetched once by Maven from Maven Central, kept in a cache that all clones share.

`python -m local_stack.jars kafka` fetches Apache Kafka where it is missing and prints where it is, `verapdf` what the
tests read PDFs with, `debezium` what `make test-debezium` tries; with `--find` nothing is fetched, and the exit code
says whether it is there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from provision.errors import CannotStart

from .errors import need_disk

_POMS = Path(__file__).parents[2]
MARKER = "complete"  # holds the pom's checksum and the jars' names: half a fetch, or an older pom's, is never used


@dataclass(frozen=True)
class Program:
    """A program that Maven Central has, as its pom says."""

    name: str
    pom: Path
    folder: str
    disk_mb: int


KAFKA = Program("Apache Kafka", _POMS / "kafka" / "pom.xml", "kafka-4.3.1", 150)
VERAPDF = Program("veraPDF", _POMS / "verapdf" / "pom.xml", "verapdf-1.28.2", 40)
DEBEZIUM = Program("Kafka Connect with Debezium", _POMS.parent / "debezium" / "pom.xml", "debezium-3.6.3", 120)
PROGRAMS = {"kafka": KAFKA, "verapdf": VERAPDF, "debezium": DEBEZIUM}


def jars_folder(environ: Mapping[str, str] = os.environ, program: Program = KAFKA) -> Path:
    """Where a program's jars are kept: in `SDI_CACHE`, else in the user's cache."""
    cache = environ.get("SDI_CACHE") or Path.home() / ".cache" / "semaine-industrie"
    return Path(cache).resolve() / program.folder


def find_jars(folder: Path, program: Program = KAFKA) -> Path | None:
    """The folder if every jar of today's pom is in it."""
    marker = folder / MARKER
    return folder if marker.exists() and marker.read_text() == _contents(folder, program) else None


def fetch_jars(folder: Path, program: Program = KAFKA) -> Path:
    """The folder with every jar in it; Maven, which checks their checksums, fetches them where they are missing."""
    if found := find_jars(folder, program):
        return found
    if shutil.which("mvn") is None:
        raise CannotStart(f"{program.name}'s jars are not here and Maven is not installed: sudo apt-get install maven")
    folder.parent.mkdir(parents=True, exist_ok=True)
    need_disk(folder.parent, program.disk_mb, f"{program.name}'s jars")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{program.folder}-") as aside:
        fetched = Path(aside) / "jars"
        _run_maven(fetched, program)
        (fetched / MARKER).write_text(_contents(fetched, program))
        return _move_in(fetched, folder, program)


def _contents(folder: Path, program: Program) -> str:
    names = sorted(jar.name for jar in folder.glob("*.jar"))
    return "\n".join([hashlib.sha256(program.pom.read_bytes()).hexdigest(), *names, ""])


def _run_maven(folder: Path, program: Program) -> None:
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    command = ["mvn", "--batch-mode", "--quiet", "--file", str(program.pom), *goal]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        errors = [line for line in done.stdout.splitlines() if line.startswith("[ERROR]")]
        raise CannotStart(f"Maven could not fetch {program.name}: {(errors or ['no reason given'])[0]}")


def _move_in(fetched: Path, folder: Path, program: Program) -> Path:
    if folder.exists() and not find_jars(folder, program):
        shutil.rmtree(folder)
    try:
        return fetched.rename(folder)
    except OSError:
        # another start was quicker
        if found := find_jars(folder, program):
            return found
        raise


def main(arguments: list[str]) -> None:
    """What `deploy/setup` calls."""
    program = PROGRAMS[arguments[0]]
    folder = jars_folder(program=program)
    if arguments[1:] == ["--find"]:
        sys.exit(0 if find_jars(folder, program) else 1)
    try:
        print(fetch_jars(folder, program))
    except CannotStart as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main(sys.argv[1:])
