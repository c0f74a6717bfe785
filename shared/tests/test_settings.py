"""What a service is told, and what it says when it is told wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field, ValidationError

from backbone.service.settings import ServiceSettings, read_settings


class Settings(ServiceSettings):
    """As a service has them; with a second secret of few allowed forms."""

    service: ClassVar[str] = "map-feed"

    api_key: str = Field("key-0", pattern=r"^key-\d$")


ENOUGH = {"DATABASE_URL": "postgresql+asyncpg://u:p@h/d", "KAFKA_BOOTSTRAP_SERVERS": "h:9092", "EDITION": "e.toml"}


@pytest.fixture
def environment(monkeypatch):
    def set_to(**variables):
        for name in ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS", "EDITION", "NOW", "HTTP_PORT"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_to


def test_a_service_without_its_settings_ends_with_2_and_one_line_for_each():
    command = Path(sys.executable).parent / "labelling"
    done = subprocess.run([command], env={"EDITION": "e.toml"}, capture_output=True, text=True, timeout=180)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "labelling: the setting DATABASE_URL is not set",
        "labelling: the setting KAFKA_BOOTSTRAP_SERVERS is not set",
        "labelling: the setting JWKS_URL is not set",
    ]


def test_an_empty_variable_is_not_set(environment, capsys):
    environment(**{**ENOUGH, "EDITION": "", "NOW": ""})
    with pytest.raises(SystemExit) as ended:
        read_settings(Settings)
    assert ended.value.code == 2
    assert capsys.readouterr().err == "map-feed: the setting EDITION is not set\n"


def test_the_service_s_own_prefix_wins(environment):
    environment(**ENOUGH, HTTP_PORT="8001", MAP_FEED_HTTP_PORT="8002", COMMSKIT_HTTP_PORT="8003")
    assert read_settings(Settings).http_port == 8002


def test_a_secret_is_read_from_the_file_that_is_named(environment, tmp_path):
    secret = tmp_path / "url"
    secret.write_text("postgresql+asyncpg://u:from-the-file@h/d\n")
    environment(**{**ENOUGH, "DATABASE_URL": ""}, DATABASE_URL_FILE=str(secret))
    assert read_settings(Settings).database_url.get_secret_value() == "postgresql+asyncpg://u:from-the-file@h/d"


def test_the_service_s_own_file_wins_over_a_variable_for_all(environment, tmp_path):
    (tmp_path / "url").write_text("postgresql+asyncpg://own@h/d")
    environment(**ENOUGH, MAP_FEED_DATABASE_URL_FILE=str(tmp_path / "url"))
    assert read_settings(Settings).database_url.get_secret_value() == "postgresql+asyncpg://own@h/d"


def test_a_file_that_is_not_there_is_named(environment, tmp_path, capsys):
    environment(**ENOUGH, MAP_FEED_DATABASE_URL_FILE=str(tmp_path / "nothing"))
    with pytest.raises(SystemExit) as ended:
        read_settings(Settings)
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"map-feed: {tmp_path / 'nothing'} cannot be read: No such file or directory\n"


def test_a_wrong_value_is_named_and_not_repeated(environment, capsys):
    environment(**ENOUGH, HTTP_PORT="70000", API_KEY="hunter2", NOW="2026-11-17T09:00")
    with pytest.raises(SystemExit) as ended:
        read_settings(Settings)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert [line.split(" is wrong")[0] for line in said.splitlines()] == [
        "map-feed: the setting NOW",
        "map-feed: the setting HTTP_PORT",
        "map-feed: the setting API_KEY",
    ]
    assert "hunter2" not in said


def test_settings_do_not_change_and_do_not_show_their_secrets(environment):
    environment(**ENOUGH)
    settings = read_settings(Settings)
    with pytest.raises(ValidationError):
        settings.http_port = 1  # type: ignore[misc]
    assert "u:p@h" not in repr(settings)
