"""Fetching from the web with manners: one request after another, no more than is needed, nothing hostile.

robots.txt is respected, a host gets a second's rest between requests, answers have a limit in size and time,
and no address leads to a file or to a machine of the local network, except the one the user named.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from protego import Protego
    from requests import Response, Session

AGENT = "conflict-events"
REDIRECTS = 5
BYTES = 10_000_000  # of an answer, unpacked
SECONDS = 60.0  # for a whole answer
REST = 1.0  # seconds between two requests to one host
LONGEST_REST = 30.0  # that a robots.txt may ask for
WAIT = 3600.0  # seconds until a server that wants to be left alone is asked again, where it does not say
_SILENCE = (10.0, 20.0)  # seconds for a connection, and without a byte
_CHUNK = 1 << 15

T = TypeVar("T")


class Unfetched(Exception):
    """A page that could not be had: the reason in one line, and whether to try again, at what Unix time."""

    def __init__(self, reason: str, *, again: bool = False, after: float = 0.0) -> None:
        super().__init__(reason)
        self.again, self.after = again, after


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server sent. `fresh` is False where it says that nothing changed; `url` is where it came from."""

    url: str
    body: bytes = b""
    kind: str = ""
    charset: str = ""
    etag: str = ""
    modified: str = ""
    fresh: bool = True


@dataclass
class Web:
    """One run's requests. `home` is the address that the user named: only its machine may be a local one."""

    home: str
    rest: float = REST
    seconds: float = SECONDS
    most: int = BYTES
    _robots: dict[str, Protego | Unfetched | None] = field(default_factory=dict)
    _last: dict[str, float] = field(default_factory=dict)
    _session: Session | None = None

    def get(self, url: str, *, etag: str = "", modified: str = "") -> Answer:
        """The page at `url`, or an Answer that is not fresh where these validators still hold.

        Raises Unfetched with the reason.
        """
        headers = {"If-None-Match": etag} if etag else {}
        if modified:
            headers["If-Modified-Since"] = modified
        return self._follow(url, headers, robots=True)

    def _follow(self, url: str, headers: dict[str, str], *, robots: bool) -> Answer:
        for _ in range(REDIRECTS + 1):
            self._see_that_it_is_allowed(url)
            if robots:
                self._ask_robots(url)
            self._pause(url)
            answer = _within(self.seconds, lambda url=url: self._request(url, headers))  # type: ignore[misc]
            if isinstance(answer, Answer):
                return answer
            url = answer
        raise Unfetched(f"leads from address to address, more than {REDIRECTS} times")

    # ---- where to ----

    def _see_that_it_is_allowed(self, url: str) -> None:
        """Raises Unfetched for an address that is not on the web, or on a local machine the user did not name."""
        parts = _split(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unfetched(f"leads to {url[:100]!r}, which is no address on the web")
        if self._by_proxy(url):
            if _is_local_name(parts.hostname) and parts.hostname != _split(self.home).hostname:
                raise Unfetched(f"leads to {parts.hostname}, a machine of the local network: not followed")
            return
        for address in _addresses(parts.hostname):
            if not address.is_global and address not in _addresses(_split(self.home).hostname or ""):
                raise Unfetched(f"leads to {parts.hostname}, a machine of the local network: not followed")

    def _by_proxy(self, url: str) -> bool:
        from requests.utils import get_environ_proxies

        return bool(get_environ_proxies(url))

    def _ask_robots(self, url: str) -> None:
        """Raises Unfetched where the site's robots.txt does not want the page fetched by programs."""
        parts = _split(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._robots:
            self._robots[site] = self._rules(site)
        rules = self._robots[site]
        if isinstance(rules, Unfetched):
            raise Unfetched(f"its site's robots.txt cannot be read ({rules})", again=True, after=rules.after)
        if rules is not None and not rules.can_fetch(url, AGENT):
            raise Unfetched("its site's robots.txt asks programs not to fetch it")

    def _rules(self, site: str) -> Protego | Unfetched | None:
        """The site's rules, None where it has none (RFC 9309: where the server fails, nothing is allowed)."""
        from protego import Protego

        try:
            answer = self._follow(f"{site}/robots.txt", {}, robots=False)
        except Unfetched as error:
            return error if error.again else None
        return Protego.parse(answer.body[:500_000].decode("utf-8", "replace"))

    def _pause(self, url: str) -> None:
        parts = _split(url)
        rules = self._robots.get(f"{parts.scheme}://{parts.netloc}")
        asked = getattr(rules, "crawl_delay", lambda agent: None)(AGENT) or 0
        rest = max(self.rest, min(float(asked), LONGEST_REST))
        left = self._last.get(parts.netloc, -rest) + rest - time.monotonic()
        if left > 0:
            time.sleep(left)
        self._last[parts.netloc] = time.monotonic()

    # ---- one request ----

    def _request(self, url: str, headers: dict[str, str]) -> Answer | str:
        """The answer, or the address that it sends on to."""
        import requests
        import urllib3

        if self._session is None:
            self._session = requests.Session()
            # Redirects are followed here, after a look; left to itself the library would read their bodies whole.
            self._session.get_redirect_target = lambda resp: None  # type: ignore[method-assign]
            self._session.headers.update(
                {
                    "User-Agent": f"{AGENT}/{version('conflict-events')} (reads news feeds; obeys robots.txt)",
                    "Accept": "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, "
                    "application/xml;q=0.9, */*;q=0.1",
                    "Accept-Encoding": "gzip",
                }
            )
        try:
            with self._session.get(
                url, headers=headers, timeout=_SILENCE, stream=True, allow_redirects=False
            ) as response:
                return self._answer(url, response)
        except requests.exceptions.Timeout:
            raise Unfetched("the server is too slow", again=True) from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, ValueError):
            raise Unfetched("is no address that can be fetched") from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise Unfetched(f"no connection ({_why(error)})", again=True) from None

    def _answer(self, url: str, response: Response) -> Answer | str:
        self._see_whom_we_talk_to(url, response)
        code, headers = response.status_code, response.headers
        if code == 304:
            return Answer(url, fresh=False)
        if code in (301, 302, 303, 307, 308) and headers.get("Location"):
            try:
                return urljoin(url, headers["Location"])
            except ValueError:
                raise Unfetched("leads to an address that cannot be read") from None
        if code in (429, 503):
            after = time.time() + _retry_after(headers.get("Retry-After", ""))
            raise Unfetched(f"the server asks to be left alone for a while ({code})", again=True, after=after)
        if code != 200:
            raise Unfetched(f"the server answers {code}", again=code >= 500 or code in (408, 425))
        kind, _, _ = headers.get("Content-Type", "").partition(";")
        charset = response.encoding or "" if "charset" in headers.get("Content-Type", "").lower() else ""
        validators = headers.get("ETag", ""), headers.get("Last-Modified", "")
        return Answer(url, self._body(response), kind.strip().lower(), charset, *validators)

    def _see_whom_we_talk_to(self, url: str, response: Response) -> None:
        """Raises Unfetched where a name has led elsewhere since it was looked up."""
        connection = getattr(response.raw, "connection", None) or getattr(response.raw, "_connection", None)
        sock: Any = getattr(connection, "sock", None)
        if sock is None or self._by_proxy(url):
            return
        try:
            peer = ipaddress.ip_address(sock.getpeername()[0].partition("%")[0])
        except (OSError, ValueError, IndexError, AttributeError):
            return
        if not peer.is_global and peer not in _addresses(_split(self.home).hostname or ""):
            raise Unfetched("leads to a machine of the local network: not followed")

    def _body(self, response: Response) -> bytes:
        """The answer's content, unpacked step by step so that a small answer cannot become an endless one."""
        packing = response.headers.get("Content-Encoding", "").lower().strip()
        if packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Unfetched(f"comes packed as {packing[:20]}, which was not asked for")
        unpack = zlib.decompressobj(wbits=47) if "gzip" in packing or packing == "deflate" else None
        parts, size = [], 0
        try:
            while chunk := response.raw.read(_CHUNK, decode_content=False):
                while chunk:
                    part = unpack.decompress(chunk, _CHUNK) if unpack else chunk
                    chunk = unpack.unconsumed_tail if unpack else b""
                    parts.append(part)
                    size += len(part)
                    if size > self.most:
                        raise Unfetched(f"holds more than {self.most / 1_000_000:g} MB")
        except zlib.error:
            raise Unfetched("arrives damaged", again=True) from None
        if unpack is not None and not unpack.eof:
            raise Unfetched("arrives cut off", again=True)
        return b"".join(parts)


def _split(url: str) -> Any:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Unfetched(f"leads to {url[:100]!r}, which is no address on the web") from None
    return parts


def _addresses(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unfetched(f"no such host: {host[:100]}", again=True) from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    return [getattr(address, "ipv4_mapped", None) or address for address in addresses]


def _is_local_name(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host


def _retry_after(text: str) -> float:
    """The seconds that a server asks for, between a minute and a week."""
    try:
        seconds = (
            float(text) if text.strip().isdigit() else parsedate_to_datetime(text).timestamp() - time.time()
        )
    except (ValueError, TypeError, OverflowError):
        seconds = WAIT
    return min(max(seconds, 60.0), 7 * 86_400.0)


def _why(error: BaseException) -> str:
    """The innermost reason of an error of the network, in a few words."""
    seen = 0
    while (inner := error.__cause__ or error.__context__) is not None and seen < 9:
        error, seen = inner, seen + 1
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:100] or type(error).__name__


def _within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` gives, in another thread: a server that sends a byte now and then cannot hold us longer."""
    result: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(work())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise Unfetched(f"the server takes more than {seconds:g} seconds", again=True)
    if failure:
        raise failure[0]
    return result[0]
