"""Folders that a run writes to: its own, the temporary one, /dev/shm and the home folder."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from ecom.doctor import memory
from ecom.doctor.finding import Finding, gb

WORKDIR = Path("runs/quickstart")  # of recipes/quickstart.yaml
# Several times what the quickstart wrote when measured (16 MB and 3 MB), to allow for other
# versions of everything, and for what Ray reserves while a disk is nearly full.
RUN_BYTES = 100_000_000
TEMPORARY_BYTES = 500_000_000
# What Ray wants of /dev/shm for its objects: 0.3 of the available memory
# (DEFAULT_OBJECT_STORE_MEMORY_PROPORTION), but above 10 GB (REQUIRE_SHM_SIZE_THRESHOLD) it takes
# what there is. With less it warns, and puts the objects into the temporary folder.
SHARE_FOR_OBJECTS = 0.3
MOST_FOR_OBJECTS = 10_000_000_000
LONGEST_SOCKET_PATH = 107  # bytes, in Linux
SOCKET = "ray/session_2026-01-01_00-00-00_000000_0000000/sockets/plasma_store"


@dataclass(frozen=True)
class Folder:
    """A folder, or its nearest parent that exists; bytes free on its disk."""

    path: str
    free: int
    writable: bool


@dataclass(frozen=True)
class Storage:
    """Where a run writes.

    shared_memory  None where there is no /dev/shm
    objects        bytes that Ray wants there for its objects
    auth_token     whether the home folder has Ray's token
    """

    workdir: Folder
    temporary: Folder
    home: Folder
    shared_memory: Folder | None
    objects: int
    auth_token: bool


def look() -> Storage:
    """Ask the file systems; nothing is written."""
    shared_memory = Path("/dev/shm")
    return Storage(
        workdir=_folder(WORKDIR.absolute()),
        temporary=_folder(temporary()),
        home=_folder(home()),
        shared_memory=_folder(shared_memory) if shared_memory.is_dir() else None,
        objects=min(int(memory.look().available * SHARE_FOR_OBJECTS), MOST_FOR_OBJECTS),
        auth_token=has_token(),
    )


def home() -> Path:
    """Return the home folder; where the user has none, one that does not exist."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("/nonexistent")


def has_token() -> bool:
    """Say whether the home folder has Ray's token, and this user may read it."""
    return os.access(home() / ".ray" / "auth_token", os.R_OK)


def temporary() -> Path:
    """Return the folder in which Ray keeps its sessions (get_default_system_temp_dir)."""
    return Path(os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or "/tmp")


def judge(storage: Storage) -> Iterator[Finding]:
    """Yield what is too small or cannot be written."""
    yield _room("disk for runs/", storage.workdir, RUN_BYTES, "run from another folder")
    yield _room("temporary folder", storage.temporary, TEMPORARY_BYTES, "set TMPDIR to another")
    longest = len(os.fsencode(f"{storage.temporary.path}/{SOCKET}"))
    if longest > LONGEST_SOCKET_PATH:
        found = f"{storage.temporary.path}: Ray's sockets there have paths of {longest} bytes"
        remedy = f"Linux allows {LONGEST_SOCKET_PATH}: export RAY_TMPDIR=/tmp"
        yield Finding("problem", "temporary folder", found, remedy)
    yield _shared_memory(storage.shared_memory, storage.objects)
    if not storage.home.writable and not storage.auth_token:
        found = f"{storage.home.path} cannot be written: a run's own Ray keeps its token in memory"
        remedy = "`ray start` keeps its token there: for that, set HOME to a folder of your own"
        yield Finding("note", "home folder", found, remedy)


def _room(what: str, folder: Folder, needed: int, other: str) -> Finding:
    shown = f"{gb(folder.free)} free in {folder.path}"
    if not folder.writable:
        return Finding("problem", what, f"{folder.path} cannot be written", other)
    if folder.free < needed:
        remedy = f"the quickstart writes {gb(needed)}: free {gb(needed - folder.free)}, or {other}"
        return Finding("problem", what, shown, remedy)
    return Finding("ok", what, shown)


def _shared_memory(folder: Folder | None, objects: int) -> Finding:
    if folder is None:
        return Finding("problem", "/dev/shm", "absent; Ray needs it", "mount a tmpfs there")
    shown = f"{gb(folder.free)} free"
    if folder.free < objects:
        found = f"{shown}: Ray will keep its objects in the temporary folder, which is slower"
        remedy = f"make it {gb(objects)}; in Docker: docker run --shm-size={ceil(objects / 1e9)}g"
        return Finding("note", "/dev/shm", found, remedy)
    return Finding("ok", "/dev/shm", shown)


def _folder(path: Path) -> Folder:
    nearest = next(folder for folder in (path, *path.parents) if folder.is_dir())
    writable = os.access(nearest, os.W_OK | os.X_OK)
    return Folder(str(nearest), shutil.disk_usage(nearest).free, writable)
