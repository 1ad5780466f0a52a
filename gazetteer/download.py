"""A file from the network: what arrived before a break is kept, and the next try goes on from there."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .gazetteer import GazetteerError

MOST_BYTES = 1 << 29  # packed; the largest country of GeoNames has some 70 MB
_TIMEOUT = 30.0  # seconds without a byte
_TRIES = 3
_CHUNK = 1 << 16
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Download:
    """A file that arrived whole, and when the server says it was last changed."""

    path: Path
    last_modified: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What the server said of the file of which a part is here: by this it is the same file or another."""

    url: str = ""
    etag: str = ""
    last_modified: str = ""
    size: int = -1

    @property
    def validator(self) -> str:
        """What goes into If-Range: a strong ETag, else the date, else nothing."""
        return self.etag if self.etag.startswith('"') else self.last_modified


class _Broken(Exception):
    """The connection ended before the file did."""


def fetch(url: str, part: Path, progress: Progress, *, wait: float = 1.0) -> Download:
    """The file at `url`, whole, in `part`; `part`.json notes what of which version is there.

    A download that broke off is continued by a Range request where the server has the same file still,
    otherwise begun anew. Raises GazetteerError with what failed and what to do; the part stays for next time.
    """
    for left in reversed(range(_TRIES)):
        try:
            return _fetch(url, part, progress)
        except _Broken as error:
            if not left:
                raise GazetteerError(
                    f"{url}: {error}: try again, it goes on from there, or {BY_HAND}"
                ) from None
            time.sleep(wait)
    raise AssertionError("unreachable")


BY_HAND = "download the file by hand and name it with --from FILE"


def forget(part: Path) -> None:
    """Remove a part and the note beside it, so that the next download starts anew."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _fetch(url: str, part: Path, progress: Progress) -> Download:
    known = _read_note(part, url)
    have = part.stat().st_size if known.validator and part.is_file() else 0
    if have and have == known.size:
        # It was whole already, and what failed came later; ask whether it is still the same.
        have -= 1
    headers = {"User-Agent": "conflict-events", "Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": known.validator}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=_TIMEOUT) as reply:
            return _receive(reply, url, part, have, known, progress)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # the part is longer than the file
            forget(part)
            raise _Broken("the server's file has changed") from None
        hint = "is the country's code right? Otherwise " if error.code == 404 else ""
        raise GazetteerError(
            f"{url}: the server answers {error.code} {error.reason}: {hint}{BY_HAND}"
        ) from None
    except urllib.error.URLError as error:
        raise GazetteerError(f"{url}: no connection ({_why(error.reason)}): {BY_HAND}") from None
    except (http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise _Broken(f"the connection broke off ({_why(error)})") from None
    except ValueError as error:
        raise GazetteerError(f"{url}: no address to download from ({error})") from None


def _why(error: object) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:200] or type(error).__name__


def _receive(reply: Any, url: str, part: Path, have: int, known: _Known, progress: Progress) -> Download:
    if "html" in (reply.headers.get("Content-Type") or ""):
        raise GazetteerError(f"{url}: a web page came, not the dump: {BY_HAND}")
    begins = _continues(reply)
    if begins is not None and begins != have:
        forget(part)
        raise _Broken("the server sent another part than was asked for")
    if begins is None:
        have = 0
    length = reply.headers.get("Content-Length")
    total = have + int(length) if length and length.isdigit() else -1
    if max(total, have) > MOST_BYTES:
        raise GazetteerError(f"{url}: {total >> 20} MB: no dump of one country")
    if begins is None:
        headers = reply.headers
        known = _Known(url, headers.get("ETag") or "", headers.get("Last-Modified") or "", total)
        _write_note(part, known)
    with part.open("r+b" if have else "wb") as file:
        file.seek(have)
        file.truncate()
        while chunk := reply.read(_CHUNK):
            file.write(chunk)
            have += len(chunk)
            if have > MOST_BYTES:
                raise GazetteerError(f"{url}: more than {MOST_BYTES >> 20} MB: no dump of one country")
            progress("downloading", have, max(total, 0))
    if have < total:
        raise _Broken(f"the connection broke off after {have} of {total} bytes")
    return Download(part, known.last_modified)


def _continues(reply: Any) -> int | None:
    """The byte with which a partial answer begins, None for the whole file."""
    if reply.status != 206:
        return None
    match = re.match(r"bytes (\d+)-", reply.headers.get("Content-Range") or "")
    return int(match[1]) if match else -1


def _read_note(part: Path, url: str) -> _Known:
    try:
        cells = json.loads(_note(part).read_text(encoding="utf-8"))
        known = _Known(str(cells["url"]), str(cells["etag"]), str(cells["last_modified"]), int(cells["size"]))
    except (OSError, ValueError, KeyError, TypeError):
        return _Known()
    return known if known.url == url else _Known()


def _write_note(part: Path, known: _Known) -> None:
    part.unlink(missing_ok=True)  # an old part must never stand beside a new note
    text = json.dumps(
        {"url": known.url, "etag": known.etag, "last_modified": known.last_modified, "size": known.size}
    )
    with contextlib.suppress(OSError):  # without it the download cannot be continued, that is all
        _note(part).write_text(text, encoding="utf-8")
