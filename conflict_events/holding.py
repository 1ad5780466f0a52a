"""Who is at work on a sheet: another run of ours, or a person in Excel or LibreOffice."""

from __future__ import annotations

import contextlib
import datetime
import os
import socket
from collections.abc import Iterator
from pathlib import Path


class SheetError(Exception):
    """The sheet cannot be updated now; the message says why, and what to do. Nothing is lost."""


class InUse(SheetError):
    """A person has the sheet open."""


class Locked(Exception):
    """Another run is at work on the sheet; the message says which."""


def beside(path: Path, what: str) -> Path:
    """A hidden file beside the sheet; folders of articles are read without hidden files."""
    return path.with_name(f".{path.name}.{what}")


def see_that_nobody_has_it_open(path: Path, name: str) -> None:
    """Raises InUse where Excel or LibreOffice has the sheet open: it would overwrite what we write."""
    for program, mark in (("Excel", f"~${path.name}"), ("LibreOffice", f".~lock.{path.name}#")):
        place = path.with_name(mark)
        if place.exists():
            raise InUse(
                f"{name} is open in {program}{_by(place)}: close it there, and the next run goes on; "
                f"if nobody has it open, delete {mark}"
            )


def _by(mark: Path) -> str:
    """The name of the person in a lock file of Excel or LibreOffice, as " (by NAME)", or ""."""
    try:
        raw = mark.read_bytes()[:200]
    except OSError:
        return ""
    if mark.name.startswith("~$"):
        who = raw[1 : 1 + raw[0]].decode("utf-8", "replace") if raw else ""
    else:
        fields = raw.decode("utf-8", "replace").split(",")
        who = " ".join(part for part in fields[:3] if part) if len(fields) > 2 else ""
    who = "".join(c for c in who if c.isprintable()).strip()
    return f" (by {who})" if who else ""


@contextlib.contextmanager
def held(path: Path, name: str, doing: str = "updated") -> Iterator[None]:
    """Holds the sheet for this process. Raises Locked where another holds it, SheetError without a folder.

    The system lets go of the lock when a process dies, however it dies; the file itself says nothing.
    """
    import portalocker

    mark = beside(path, "lock")
    while True:
        try:
            file = mark.open("a+", encoding="utf-8")
        except OSError as error:
            reason = "the folder does not exist" if not path.parent.is_dir() else error.strerror or str(error)
            raise SheetError(
                f"{name}: the folder {path.parent} cannot be written: {reason}: mend that or name another place"
            ) from None
        try:
            portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
        except portalocker.LockException:
            holder = _holder(mark)
            file.close()
            raise Locked(f"{name} is being {doing} by {holder}: this run did nothing") from None
        with contextlib.suppress(OSError):
            if os.fstat(file.fileno()).st_ino == mark.stat().st_ino:
                break
        file.close()  # its holder has just removed it
    try:
        file.truncate(0)
        now = datetime.datetime.now().astimezone().isoformat(" ", "seconds")
        file.write(f"process {os.getpid()} on {socket.gethostname()} since {now}")
        with contextlib.suppress(OSError):  # a full disk: the lock holds all the same
            file.flush()
        yield
    finally:
        with contextlib.suppress(OSError):
            mark.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            file.close()


def _holder(mark: Path) -> str:
    with contextlib.suppress(OSError):
        text = mark.read_text(encoding="utf-8", errors="replace").strip()
        if text:
            return " ".join(text.split())[:200]
    return "another run"
