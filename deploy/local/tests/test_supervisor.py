"""What keeps the local stack up: real processes, ended in every way a process ends."""

import io
import os
import signal
import sys
import threading
import time

import psutil
import pytest

from local_stack.lives import Command, Watched
from local_stack.supervisor import Supervisor, is_ours, last_words


class Running:
    """A supervisor at work in a thread, and what it has printed so far."""

    def __init__(self, commands, *, waits=(0.01, 0.02), well_after=60.0):
        self.output = io.StringIO()
        self._supervisor = Supervisor(self.output, waits=waits, well_after=well_after)
        for name, life in commands.items():
            self._supervisor.add(name, life)
        self.code = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        self.code = self._supervisor.run()

    @property
    def lines(self):
        """What was printed, without the hour."""
        return [line[9:] for line in self.output.getvalue().splitlines()]

    @property
    def ours(self):
        return [line[9:].split("| ", 1)[1] for line in self.output.getvalue().splitlines() if is_ours(line)]

    def until(self, holds, seconds=60):
        give_up = time.monotonic() + seconds
        while not (answer := holds()):
            assert time.monotonic() < give_up, self.output.getvalue()
            time.sleep(0.01)
        return answer

    def stop(self):
        self._supervisor.stop()
        return self.ended()

    def ended(self):
        self._thread.join(60)
        assert not self._thread.is_alive(), self.output.getvalue()
        return self.code


@pytest.fixture
def run():
    started = []

    def start(commands, **how):
        started.append(Running(commands, **how))
        return started[-1]

    yield start
    for running in started:
        running.stop()


def python(source):
    return Command([sys.executable, "-u", "-c", source], dict(os.environ))


LASTING = "import os, signal; print('up as', os.getpid()); signal.pause()"


def pids(running, name="labelling"):
    return [int(line.rsplit(" ", 1)[1]) for line in running.lines if f"{name} " in line and "| up as " in line]


def test_a_service_that_is_killed_is_started_again_and_the_others_are_left_alone(run):
    running = run({"labelling": python(LASTING), "geocoding": python(LASTING)})
    running.until(lambda: pids(running) and pids(running, "geocoding"))
    os.kill(pids(running)[0], signal.SIGKILL)
    running.until(lambda: len(pids(running)) == 2)
    assert running.ours == ["labelling has ended (killed by SIGKILL): starting it again in 0.01 s (try 1 of 2)"]
    assert len(pids(running, "geocoding")) == 1
    os.kill(pids(running)[1], signal.SIGKILL)
    running.until(lambda: len(pids(running)) == 3)
    assert running.ours[1:] == ["labelling has ended (killed by SIGKILL): starting it again in 0.02 s (try 2 of 2)"]
    assert running.stop() == 0


def test_what_does_not_stay_up_is_given_up_by_name_with_its_last_words_and_the_others_end_cleanly(run):
    clean = "import signal, sys\nsignal.signal(15, lambda *_: sys.exit(print('said goodbye')))\nsignal.pause()"
    running = run({"commskit": python("import sys; print('no fonts'); sys.exit(1)"), "map-feed": python(clean)})
    assert running.ended() == 1
    ends = [line for line in running.ours if "has ended" in line]
    assert ends == [
        "commskit has ended (exit code 1): starting it again in 0.01 s (try 1 of 2)",
        "commskit has ended (exit code 1): starting it again in 0.02 s (try 2 of 2)",
    ]
    assert "map-feed | said goodbye" in running.lines
    assert running.ours[-4:] == [
        "commskit does not stay up (exit code 1, though started again 2 times). "
        "Everything else was stopped. The last it said:",
        "  no fonts",
        "  no fonts",
        "  no fonts",
    ]


def test_a_wrong_setting_is_given_up_at_once(run):
    running = run({"geocoding": python("import sys; print('the setting NOW is wrong'); sys.exit(2)")})
    assert running.ended() == 1
    assert running.ours == [
        "giving geocoding up (exit code 2)",
        "stopping",
        "geocoding does not stay up (exit code 2). Everything else was stopped. The last it said:",
        "  the setting NOW is wrong",
    ]


def test_a_program_that_is_missing_is_given_up_with_the_systems_reason(run):
    running = run({"labelling": Command(["/nowhere/labelling"], {})})
    assert running.ended() == 1
    assert "could not be started: [Errno 2] No such file or directory: '/nowhere/labelling'" in running.ours[0]


def test_what_ran_well_for_long_has_all_its_tries_again(run):
    running = run({"labelling": python(LASTING)}, waits=(0.01,), well_after=0.0)
    for number in (1, 2, 3):
        running.until(lambda number=number: len(pids(running)) == number)
        os.kill(pids(running)[-1], signal.SIGKILL)
    running.until(lambda: len(pids(running)) == 4)
    assert running.stop() == 0


def test_the_children_of_a_killed_service_end_with_it(run):
    child = (
        "import subprocess, sys, signal\nc = subprocess.Popen(['sleep', '60'])\nprint('up as', c.pid)\nsignal.pause()"
    )
    running = run({"labelling": python(child)})
    renderer = psutil.Process(running.until(lambda: pids(running))[0])
    renderer.parent().kill()
    running.until(lambda: len(pids(running)) == 2)
    assert not renderer.is_running() or renderer.status() == psutil.STATUS_ZOMBIE


def test_asked_to_stop_while_it_waits_to_start_something_again_it_ends_at_once(run):
    running = run({"labelling": python("raise SystemExit(1)")}, waits=(3600.0,))
    running.until(lambda: running.ours)
    assert running.stop() == 0


def test_a_server_that_is_killed_is_named_with_its_last_words_and_comes_back_where_it_was(kafka, run):
    before, old, said = kafka.bootstrap_servers, kafka.pid, kafka.log.read_text().splitlines()[-1]
    running = run({"Kafka": Watched(kafka), "labelling": python(LASTING)})
    running.until(lambda: pids(running))
    os.kill(old, signal.SIGKILL)
    running.until(lambda: any("is up again" in line for line in running.lines))
    assert running.ours == ["Kafka has ended (killed by SIGKILL): starting it again in 0.01 s (try 1 of 2)"]
    assert f"Kafka     | {said}" in running.lines
    assert running.stop() == 0
    assert (kafka.bootstrap_servers, kafka.pid is not None, kafka.pid != old) == (before, True, True)


def test_why_a_stack_ended_is_read_from_its_log(tmp_path, run):
    running = run({"commskit": python("import sys; print('no fonts'); sys.exit(2)")})
    assert running.ended() == 1
    log = tmp_path / "stack.log"
    log.write_text(running.output.getvalue())
    assert last_words(log) == (
        "commskit does not stay up (exit code 2). Everything else was stopped. The last it said:\n  no fonts"
    )
    log.write_text("starting\ncannot start: no PostgreSQL answers\nstopped\n")
    assert last_words(log) == "cannot start: no PostgreSQL answers"
    assert last_words(tmp_path / "none") == "the stack ended without a word"
