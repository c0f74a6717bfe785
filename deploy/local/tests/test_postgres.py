"""The local PostgreSQL: real servers on the loopback, stopped, killed and started again."""

import os
import signal
import socket
from pathlib import Path

import asyncpg
import psutil
import pytest

from local_stack.choose import ExternalPostgres, choose_postgres
from local_stack.errors import need_disk
from local_stack.ports import HOST
from local_stack.postgres import LocalPostgres
from provision.databases import SERVICES
from provision.errors import CannotStart


async def ask(url: str, *statements: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return [await connection.fetchval(statement) for statement in statements][-1]
    finally:
        await connection.close()


def again(server: LocalPostgres) -> None:
    server.stop()
    server.start()


async def test_every_service_has_a_database_that_it_owns(postgres):
    owners = [
        await ask(postgres.url(service), "CREATE TABLE own ()", "SELECT current_user::text") for service in SERVICES
    ]
    assert owners == ["registration", "labelling", "geocoding", "commskit", "map_feed"]


async def test_a_service_may_not_enter_the_database_of_another(postgres):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(postgres.url("commskit").removesuffix("commskit") + "registration", "SELECT 1")


async def test_nobody_enters_without_the_password(postgres):
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(f"postgresql://registration:guessed@{HOST}:{postgres.admin_url.split(':')[-1]}", "SELECT 1")


async def test_what_was_written_is_there_after_a_stop_and_a_start(postgres):
    url = postgres.url("labelling")
    await ask(url, "CREATE TABLE kept (what text)", "INSERT INTO kept VALUES ('stopped')")
    again(postgres)
    assert (postgres.url("labelling"), await ask(url, "SELECT what FROM kept")) == (url, "stopped")


async def test_what_was_committed_is_there_after_a_kill_9(postgres, eventually):
    await ask(postgres.url("geocoding"), "CREATE TABLE kept (what text)", "INSERT INTO kept VALUES ('killed')")
    os.kill(postgres.pid, signal.SIGKILL)
    eventually(lambda: postgres.pid is None)
    postgres.start()
    assert await ask(postgres.url("geocoding"), "SELECT what FROM kept") == "killed"


async def test_a_start_takes_over_from_a_run_that_was_killed_and_left_its_server_behind(tmp_path, eventually):
    left_behind = LocalPostgres(tmp_path, fast=True)
    left_behind.start()
    old = left_behind.pid
    with LocalPostgres(tmp_path, fast=True) as server:
        assert await ask(server.url("registration"), "SELECT 1") == 1
        assert not psutil.pid_exists(old) or psutil.Process(old).status() == psutil.STATUS_ZOMBIE


async def test_a_port_that_somebody_took_meanwhile_is_replaced_and_the_data_kept(postgres):
    await ask(postgres.url("commskit"), "CREATE TABLE kept (what text)", "INSERT INTO kept VALUES ('moved')")
    before = postgres.admin_url
    postgres.stop()
    with socket.create_server((HOST, int(before.split(":")[-1].split("/")[0]))):
        postgres.start()
    assert postgres.admin_url != before
    assert await ask(postgres.url("commskit"), "SELECT what FROM kept") == "moved"


def test_a_stop_leaves_no_process_behind(tmp_path, processes_that_mention):
    with LocalPostgres(tmp_path, fast=True) as server:
        pids = [server.pid, *(child.pid for child in psutil.Process(server.pid).children())]
        assert processes_that_mention(tmp_path)
    assert (processes_that_mention(tmp_path), [pid for pid in pids if psutil.pid_exists(pid)]) == ([], [])


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(postgres):
    assert os.getsid(postgres.pid) == postgres.pid


def test_it_listens_on_the_loopback_only(postgres):
    listening = [c for c in psutil.Process(postgres.pid).net_connections("all") if c.status == psutil.CONN_LISTEN]
    assert {address.laddr[0] for address in listening} == {HOST}


def test_its_passwords_are_in_a_file_that_only_its_owner_may_read(tmp_path):
    with LocalPostgres(tmp_path, fast=True):
        assert oct((tmp_path / "postgres.json").stat().st_mode & 0o777) == "0o600"


def test_data_whose_passwords_are_gone_is_refused_in_one_line(tmp_path):
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    with pytest.raises(CannotStart, match=r"the passwords of .* are gone .*: remove"):
        LocalPostgres(tmp_path).start()


def test_a_first_start_cut_short_is_begun_anew(tmp_path):
    (tmp_path / "postgres" / "data.new").mkdir(parents=True)
    (tmp_path / "postgres" / "data.new" / "PG_VERSION").write_text("18")
    with LocalPostgres(tmp_path, fast=True) as server:
        assert server.pid


def test_a_disk_almost_full_is_named(tmp_path):
    with pytest.raises(CannotStart, match=rf"PostgreSQL needs 999999999 MB of disk and {tmp_path} has \d+ MB left"):
        need_disk(tmp_path, 999_999_999, "PostgreSQL")


async def test_a_server_that_is_given_gets_the_databases_that_are_missing(postgres):
    await ask(postgres.admin_url, "DROP DATABASE map_feed")
    given = choose_postgres(Path("unused"), {"DATABASE_URL": postgres.admin_url})
    assert isinstance(given, ExternalPostgres)
    given.start()
    assert await ask(given.url("map-feed"), "SELECT current_database()::text") == "map_feed"


def test_a_given_server_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(CannotStart, match=r"^no PostgreSQL answers at 127.0.0.1: is DATABASE_URL right") as told:
        ExternalPostgres(f"postgresql://someone:secret@{HOST}:9/postgres").start()
    assert "secret" not in str(told.value)


def test_an_address_that_is_none_is_refused():
    with pytest.raises(CannotStart, match="DATABASE_URL is no address of a PostgreSQL"):
        ExternalPostgres("mysql://localhost/x")
