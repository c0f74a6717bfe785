"""Ports are chosen by many runs at once, and each is given to one."""

import subprocess
import sys
from contextlib import suppress

from local_stack import ports
from provision.errors import CannotStart

ASK_FOR = "import sys; from local_stack.ports import free_port; print(free_port(int(sys.argv[1])))"


def another_process_asks_for(port):
    told = subprocess.run([sys.executable, "-c", ASK_FOR, str(port)], check=True, capture_output=True, timeout=180)
    return int(told.stdout)


def test_a_port_that_was_given_is_nobody_elses_though_its_server_does_not_listen_yet():
    port = ports.free_port()

    assert another_process_asks_for(port) != port


def test_a_port_is_kept_by_who_was_given_it_before():
    port = ports.free_port()

    assert [ports.free_port(port), ports.free_port(port)] == [port, port]


def test_a_port_of_a_process_that_ended_is_given_again():
    chosen = another_process_asks_for(ports.free_port())

    assert ports.free_port(chosen) == chosen


def test_one_process_is_never_given_a_port_twice(monkeypatch):
    few = range(ports.CHOICE.stop, ports.CHOICE.stop + 3)  # where nobody else chooses
    monkeypatch.setattr(ports, "CHOICE", few)
    given: list[int] = []
    with suppress(CannotStart):  # when none is left; the list has those that came before
        given.extend(ports.free_port() for _ in range(len(few) + 1))

    assert given
    assert len(given) == len(set(given))


def test_the_open_files_that_ports_cost_have_an_end():
    for _ in range(ports.SPOKEN_FOR_AT_MOST + 10):
        ports.free_port()

    assert len(ports._spoken_for) == ports.SPOKEN_FOR_AT_MOST
