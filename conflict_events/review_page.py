"""The page for `review`: a server for one person's browser on this machine, and what the page may ask of it.

It listens on 127.0.0.1 only. Each address begins with a random token; the Host header must be the server's own
(a name that is made to point here, DNS rebinding, is refused), and a request from another site is refused by
its Origin and Sec-Fetch-Site. The page may load and ask nothing but this server (Content-Security-Policy), and
nothing of it is stored. What articles say is data to the page: it goes there as JSON and is set as text.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .columns import FULL, INTER, Value
from .corrections import FIELDS, CorrectionError
from .holding import Locked, SheetError
from .journal import JournalError
from .learning import Learned, LearningError, learn
from .provenance import Provenance
from .review import Item, Review, Wanted

PAGE = Path(__file__).parent / "page"
FILES: Mapping[str, tuple[str, str]] = {
    "": ("review.html", "text/html; charset=utf-8"),
    "review.js": ("review.js", "text/javascript; charset=utf-8"),
    "review.css": ("review.css", "text/css; charset=utf-8"),
    "review.svg": ("review.svg", "image/svg+xml"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
LARGEST = 65_536  # bytes of a request's body
PATIENCE = 20  # seconds that a connection may stay silent


class Refused(Exception):
    """A request that is not answered: the status, and why in one line."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Desk:
    """What the page may ask for: each method takes the fields of a request and gives what becomes JSON.

    One request at a time is answered, in whatever order they come. `end` is called when the person is done.
    """

    def __init__(
        self,
        review: Review,
        evidence: Provenance,
        wanted: Wanted,
        learn_into: Path | None,
        end: Callable[[], None],
    ) -> None:
        self.review, self.evidence, self.wanted = review, evidence, wanted
        self.learn_into, self._end = learn_into, end
        self._lock = threading.RLock()
        self._asked: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "rows": self.rows,
            "row": self.row,
            "places": self.places,
            "actors": self.actors,
            "why": self.why,
        }
        self._told: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "decide": self.decide,
            "undo": self.undo,
            "save": self.save,
            "learn": self.learn,
            "end": self.end,
        }

    def answer(self, name: str, fields: Mapping[str, Any], *, telling: bool) -> Any:
        """What the page gets; Refused for what is unknown or cannot be done, with the reason."""
        work = (self._told if telling else self._asked).get(name)
        if work is None:
            known = name in self._told or name in self._asked
            status = HTTPStatus.METHOD_NOT_ALLOWED if known else HTTPStatus.NOT_FOUND
            raise Refused(status, "no such address")
        with self._lock:
            try:
                return work(fields)
            except (CorrectionError, SheetError, Locked, JournalError, LearningError) as error:
                # said to the person; a browser would take another status for a fault of the page
                return {"error": str(error)}
            except (KeyError, TypeError, ValueError):
                raise Refused(HTTPStatus.BAD_REQUEST, "no such row or field") from None

    # ---- asked for ----

    def rows(self, fields: Mapping[str, Any]) -> Any:
        """All rows in the order in which they are gone through, and what the page needs to know once."""
        listed = [
            (i, self.evidence.filled(self.review.cells(i))) for i in self.review.items.values() if i.line
        ]
        picked = [(item, cells) for item, cells in listed if self.wanted.picks(cells)]
        # in the order in which they came, so that a correction does not move the row under the hands
        picked.sort(key=lambda one: self.wanted.place(self.evidence.filled(one[0].sheet), one[0].number))
        kinds = self.review.corrector.lexicon.taxonomy.values()
        return {
            "sheet": Path(self.review.name).name,
            "rows": [self._summary(item, cells) for item, cells in picked],
            "left_out": len(listed) - len(picked),
            "unsaved": self.review.unsaved(),
            "types": [{"name": k.name, "event": k.event_type, "means": k.definition} for k in kinds],
            "inter": [{"number": number, "name": name} for number, name in INTER.items()],
            "learn": str(self.learn_into or ""),
        }

    def _summary(self, item: Item, cells: Mapping[str, Value]) -> dict[str, Any]:
        names = ("event_date", "sub_event_type", "location", "admin1", "confidence")
        return {
            "number": item.number,
            "state": self.review.state(item),
            "changed": item.changed,
            **{name: cells.get(name) for name in names},
        }

    def row(self, fields: Mapping[str, Any]) -> Any:
        """One row with its evidence and the candidates for its place."""
        item = self._item(fields)
        cells = self.evidence.filled(self.review.cells(item))
        shown = self.evidence.shown(cells)
        before = self.evidence.filled(item.sheet)
        return {
            **self._summary(item, cells),
            "cells": {name: cells.get(name) for name in FULL},
            "set": sorted(self.review.pending(item)),
            "shown": asdict(shown),
            "places": self.evidence.places(before),
            "reason": self.evidence.reason(before),
            "unsaved": self.review.unsaved(),
        }

    def places(self, fields: Mapping[str, Any]) -> Any:
        """Places by name."""
        return self.evidence.search_places(_text(fields, "q"))

    def actors(self, fields: Mapping[str, Any]) -> Any:
        """Actors by name; those of the sentence and its article where nothing is asked for."""
        cells = self.evidence.filled(self.review.cells(self._item(fields)))
        query = _text(fields, "q")
        return self.evidence.search_actors(query, cells) if query.strip() else self.evidence.actors(cells)

    def why(self, fields: Mapping[str, Any]) -> Any:
        """What the engine finds in the sentence."""
        item = self._item(fields)
        found = self.evidence.why(self.evidence.filled(item.sheet))
        return [{"kind": kind, "text": text} for kind, text in found]

    def _item(self, fields: Mapping[str, Any]) -> Item:
        item = self.review.items[int(fields["row"])]
        if not item.line:
            raise KeyError(item.number)
        return item

    # ---- told ----

    def decide(self, fields: Mapping[str, Any]) -> Any:
        """Takes a decision on a row and gives the row as it is then."""
        number, what = int(fields["row"]), fields["do"]
        if what == "accept":
            self.review.accept(number)
        elif what == "reject":
            self.review.reject(number)
        elif what == "correct" and fields["field"] in FIELDS:
            self.review.correct(number, fields["field"], fields["value"])
        else:
            raise KeyError("do")
        return self.row(fields)

    def undo(self, fields: Mapping[str, Any]) -> Any:
        """Takes the last decision back."""
        item = self.review.undo()
        return {"row": item.number if item else None}

    def save(self, fields: Mapping[str, Any]) -> Any:
        """Writes the sheet."""
        return asdict(self.review.save())

    def learn(self, fields: Mapping[str, Any]) -> Any:
        """Writes corrections as rows of dictionaries."""
        if self.learn_into is None:
            raise LearningError("start review with --learn DIR to say where dictionary rows go")
        return [asdict(one) for one in self.learned(self.learn_into)]

    def learned(self, folder: Path) -> list[Learned]:
        """What the corrections so far teach, written into the folder."""
        rows = [
            (self.evidence.filled(self.review.seen(item)), self.review.cells(item), decisions)
            for item, decisions in self.review.corrections()
        ]
        accepted = [
            self.evidence.filled(self.review.cells(item))
            for item in self.review.items.values()
            if item.line and self.review.state(item) in ("accepted", "corrected")
        ]
        return learn(folder, rows, accepted, self.evidence)

    def end(self, fields: Mapping[str, Any]) -> Any:
        """Writes the sheet, and what corrections teach where a folder was named, and ends the server."""
        saved = asdict(self.review.save())
        learned: list[Learned] = []
        problem = ""
        try:
            if self.learn_into is not None and any(self.review.corrections()):
                learned = self.learned(self.learn_into)
        except LearningError as error:
            problem = str(error)
        self._end()
        return {**saved, "learned": [asdict(one) for one in learned], "problem": problem}

    def rest(self) -> None:
        """Waits until what is being written is written."""
        with self._lock:
            pass


def _text(fields: Mapping[str, Any], name: str) -> str:
    return str(fields.get(name) or "")[:200]


# ---- the server --------------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """Serves the page and its desk to whoever knows the token, on a free port of 127.0.0.1 unless one is given."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.token = secrets.token_urlsafe(24)
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self.desk: Desk | None = None

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://{self.host}/{self.token}/"

    def end(self) -> None:
        """Lets `serve_forever` return, from any thread."""
        threading.Thread(target=self.shutdown, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks off is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = PATIENCE
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "conflict-events", ""

    def do_GET(self) -> None:
        """The page's files, and what it asks for."""
        self._answer(telling=False)

    def do_POST(self) -> None:
        """What the page tells."""
        self._answer(telling=True)

    def _answer(self, *, telling: bool) -> None:
        try:
            path = self._path(telling)
            if not telling and path in FILES:
                name, kind = FILES[path]
                self._send(HTTPStatus.OK, kind, (PAGE / name).read_bytes())
                return
            if not path.startswith("api/"):
                raise Refused(HTTPStatus.NOT_FOUND, "no such address")
            fields = self._body() if telling else self._query()
            assert self.server.desk is not None
            content = self.server.desk.answer(path[4:], fields, telling=telling)
            self._json(HTTPStatus.OK, content)
        except Refused as refused:
            self.close_connection = True  # a body may be left unread
            self._json(refused.status, {"error": refused.why})

    def _path(self, telling: bool) -> str:
        """What follows the token. Raises Refused for other hosts, sites and tokens."""
        if self.headers.get_all("Host") != [self.server.host]:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "this is another host")
        origin, site = self.headers.get("Origin"), self.headers.get("Sec-Fetch-Site", "same-origin")
        if (origin is not None or telling) and origin != f"http://{self.server.host}":
            raise Refused(HTTPStatus.FORBIDDEN, "asked by another site")
        token, _, path = urlsplit(self.path).path.removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode()):
            raise Refused(HTTPStatus.FORBIDDEN, "the address must begin with the token that review printed")
        # a link that opens the page may come from anywhere; what the page itself asks comes from the page
        if site not in ("same-origin", "none") and path:
            raise Refused(HTTPStatus.FORBIDDEN, "asked by another site")
        return path

    def _query(self) -> dict[str, str]:
        try:
            found = parse_qs(urlsplit(self.path).query, max_num_fields=8)
        except ValueError:
            raise Refused(HTTPStatus.BAD_REQUEST, "too many fields") from None
        return {name: values[0] for name, values in found.items()}

    def _body(self) -> dict[str, Any]:
        if self.headers.get_content_type() != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "tell it as JSON")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "say how long the request is")
        if len(length) > 9 or int(length) > LARGEST:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request is too large")
        try:
            fields = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise Refused(HTTPStatus.BAD_REQUEST, "not readable as JSON") from None
        if not isinstance(fields, dict):
            raise Refused(HTTPStatus.BAD_REQUEST, "not a JSON object")
        return fields

    def _json(self, status: HTTPStatus, content: Any) -> None:
        self._send(status, "application/json; charset=utf-8", json.dumps(content, default=str).encode())

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Says what http.server refuses by itself, methods it does not know among them, as all else is said."""
        status = HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else HTTPStatus(code)
        self.close_connection = True
        self._json(status, {"error": status.phrase})

    def log_message(self, format: str, *arguments: Any) -> None:
        """Requests are not written down: their addresses hold the token."""
