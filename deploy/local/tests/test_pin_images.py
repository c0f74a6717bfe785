"""Base images are named by what is in them, once somebody who reaches their registry has pinned them."""

import os
import re
import shutil
import subprocess

import pytest

from local_stack.places import ROOT

# what a Docker client answers: the digest of the list of manifests that the registry told with the tag
DOCKER = """#!/bin/sh
[ "$1" = pull ] && exit 0
[ "$5" = "$MADE_HERE" ] && exit 0
name=$(echo "$5" | sed 's/:.*//')
echo "$name@sha256:$(printf '%s %s' "$5" "$GENERATION" | sha256sum | cut -d' ' -f1)"
"""


@pytest.fixture
def pin(tmp_path):
    (tmp_path / "deploy").mkdir()
    for file in ("docker-compose.yml", "deploy/Dockerfile", "deploy/pin-images"):
        shutil.copy(ROOT / file, tmp_path / file)
    docker = tmp_path / "docker"
    docker.write_text(DOCKER)
    docker.chmod(0o755)

    def run(*arguments, **environ):
        told = {**os.environ, "DOCKER": str(docker), **environ}
        done = subprocess.run(
            [tmp_path / "deploy" / "pin-images", *arguments], env=told, capture_output=True, text=True, timeout=180
        )
        text = "".join((tmp_path / file).read_text() for file in ("docker-compose.yml", "deploy/Dockerfile"))
        return done, text

    return run


def test_each_image_of_a_registry_gets_its_digest_and_another_when_its_tag_moves_on(pin):
    first, text = pin(GENERATION="1")
    pinned = first.stdout.split()
    assert {image.split("@")[0] for image in pinned} >= {"postgres:18-alpine", "apache/kafka:4.3.1"}
    assert [image for image in pinned if image not in text] == []
    assert pin("--check")[0].returncode == 0
    again, text = pin(GENERATION="2")
    moved = again.stdout.split()
    assert set(moved).isdisjoint(pinned)
    assert [image for image in moved if image not in text] == [image for image in pinned if image in text] == []
    assert text.count("@sha256:") == len(moved)


def test_what_has_no_digest_is_named(pin):
    done, text = pin("--check")
    named = {*done.stderr.removeprefix("without a digest: ").split()}
    pinned = {*re.findall(r"([a-z0-9./_-]+:[\w.-]+)@sha256:", text)}
    assert done.returncode == (1 if named else 0)
    assert named.isdisjoint(pinned)
    assert named | pinned >= {"postgres:18-alpine", "apache/kafka:4.3.1", "python:3.11-slim-bookworm"}


def test_an_image_that_no_registry_told_of_is_not_given_a_digest(pin):
    done, text = pin(MADE_HERE="apache/kafka:4.3.1")
    assert (done.returncode, "no registry told a digest of apache/kafka:4.3.1" in done.stderr) == (1, True)
    assert "apache/kafka:4.3.1@" not in text
