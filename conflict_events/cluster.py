"""Many articles on a Dask cluster that is there: the same batches, the same results, in the same order.

Dask moves the batches and runs those of a lost worker again. What is left to do here is to hand out a few at
a time, to see that the workers would give the rows that this machine gives, and to find the article for
which workers die.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import importlib.util
import json
import logging
import socket
import time
import uuid
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from . import gazetteer
from .batch import UNUSABLE, Batch, Done, Item, Outcome, Results, articles_of, batches, outcomes, told
from .events import Article, Failure
from .gazetteer import layer
from .model import MODELS

if TYPE_CHECKING:
    from distributed import Client, Future

    from .extract import Extractor, Settings

CONNECT = 10  # seconds in which a scheduler answers
PATIENCE = 60  # seconds that a cluster may be without any worker
AHEAD = 3  # tasks a worker that are handed out or wait for their turn to be written
MOST, CHARACTERS = 16, 200_000  # batches and characters that a task may have
SAME = ("conflict-events", "spacy", "distributed")  # packages whose versions must agree


class ClusterError(RuntimeError):
    """A cluster that cannot be used; the message says why and what to do."""


# ---- articles to events ------------------------------------------------------------------------------


def run(inputs: Iterable[Item], extractor: Extractor, *, address: str) -> Results:
    """Each article with its events, not yet merged, or a Failure, in the order of `inputs`, as batch.run gives.

    `address` is that of a Dask scheduler (tcp://host:8786) or the scheduler file it wrote. An article for which
    workers die becomes a Failure. Raises ClusterError where the cluster is out of reach, lacks the package, has
    other versions or tables than this machine, or loses all its workers for a minute.
    """
    settings = _portable(extractor.settings)
    with _connected(address) as client:
        _see_that_versions_agree(client, address)
        yield from told(_elsewhere(_tasks(batches(inputs)), client, settings))


def _tasks(cut: Iterator[Batch]) -> Iterator[list[Batch]]:
    """Several batches at a time, more of them the longer a run is: each task takes Dask some time of its own."""
    task: list[Batch] = []
    number = size = 0
    for batch in cut:
        task.append(batch)
        size += sum(len(article.text) for article in articles_of(batch))
        if len(task) > min(number // 8, MOST - 1) or size >= CHARACTERS:
            yield task
            task, number, size = [], number + 1, 0
    if task:
        yield task


def _elsewhere(cut: Iterator[list[Batch]], client: Client, settings: Settings) -> Done:
    """As batch.run's worker processes do it; a few tasks a worker are in memory at any time."""
    here = identity(settings)
    waiting: dict[int, Batch] = {}
    finished: dict[int, list[Outcome]] = {}
    handed: dict[Future, int] = {}
    suspects: list[int] = []
    watch = _Watch(client)
    turn, number, more = 0, 0, True
    try:
        while more or waiting:
            while more and not suspects and len(waiting) < watch.room:
                task = next(cut, None)
                if task is None:
                    more = False
                    break
                waiting[number] = [item for batch in task for item in batch]
                handed[_submit(client, [articles_of(batch) for batch in task], settings, here)] = number
                number += 1
            if suspects and not handed:
                # with nothing else at work that a dying worker could take with it
                suspect = suspects.pop(0)
                finished[suspect] = _alone(articles_of(waiting[suspect]), client, settings, here, watch)
            for future in watch.done(handed) if turn not in finished else ():
                at = handed.pop(future)
                found = _result(future)
                if found is None:
                    suspects.append(at)
                else:
                    finished[at] = found
            while turn in finished:
                yield waiting.pop(turn), finished.pop(turn)
                turn += 1
    finally:
        with contextlib.suppress(Exception):  # the cluster may be gone
            client.cancel(list(handed), force=True)


def _alone(
    articles: Sequence[Article], client: Client, settings: Settings, here: Mapping[str, str], watch: _Watch
) -> list[Outcome]:
    """A second try for the articles of a task whose workers died, each by itself, so that only the cause fails."""
    found: list[Outcome] = []
    for article in articles:
        future = _submit(client, [[article]], settings, here)
        while not watch.done({future: 0}):
            pass
        reason = (
            "the workers reading it died again and again (out of memory?); please report it with the article"
        )
        found += _result(future) or [Failure(article.id, reason)]
    return found


def _submit(client: Client, task: list[list[Article]], settings: Settings, here: Mapping[str, str]) -> Future:
    # a key of its own: Dask must neither take equal tasks for one nor keep results for later runs
    return client.submit(read, task, settings, here, key=f"conflict-events-{uuid.uuid4().hex}", pure=False)


def _result(future: Future) -> list[Outcome] | None:
    """What a worker made of a task; None where the workers that had it died."""
    from distributed.scheduler import KilledWorker

    try:
        found: list[Outcome] | Unfit = future.result()
    except KilledWorker:
        return None
    except Exception as error:
        raise _broken(error) from None
    if isinstance(found, Unfit):
        raise ClusterError(str(found))
    return found


def _broken(error: BaseException) -> ClusterError:
    """What went wrong between here and the workers, in one line."""
    from concurrent.futures import CancelledError

    if isinstance(error, OSError | CancelledError):
        return ClusterError(
            f"the connection to the cluster was lost ({_line(_root(error))}): see that its scheduler runs, then start again"
        )
    return ClusterError(
        f"the cluster cannot do the work ({_line(_root(error))}): "
        f"its scheduler and every worker need conflict-events {version('conflict-events')}"
    )


def _root(error: BaseException) -> BaseException:
    while error.__cause__ and not isinstance(error.__cause__, asyncio.CancelledError):  # that tells nothing
        error = error.__cause__
    return error


def _line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200].removesuffix(":")


class _Watch:
    """Waits for tasks, and sees how many workers there are."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._since = self._asked = time.monotonic()
        self._workers = len(client.nthreads())

    @property
    def room(self) -> int:
        """How many tasks may be under way."""
        return AHEAD * max(2, self._workers)

    def done(self, handed: Mapping[Future, int]) -> list[Future]:
        """Those of the tasks handed out that came to an end; none where nothing happened for a second."""
        from distributed import wait

        if not handed:
            return []
        try:
            with contextlib.suppress(TimeoutError), self._client.as_current():
                wait(list(handed), timeout=1, return_when="FIRST_COMPLETED")
        except Exception as error:
            raise _broken(error) from None
        self._count()
        return [future for future in handed if future.done()]

    def _count(self) -> None:
        now = time.monotonic()
        if now - self._asked < 1:
            return
        try:
            self._asked, self._workers = now, len(self._client.nthreads())
        except Exception as error:
            raise _broken(error) from None
        if self._workers:
            self._since = now
        elif now - self._since > PATIENCE:
            raise ClusterError(
                f"the cluster has had no worker for {PATIENCE} seconds: start some, then start again"
            )


# ---- what runs on the workers ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a worker would not give the rows that this machine gives."""

    worker: str
    reason: str

    def __str__(self) -> str:
        return f"worker {self.worker}: {self.reason}"


def read(task: list[list[Article]], settings: Settings, wanted: Mapping[str, str]) -> list[Outcome] | Unfit:
    """What the engine of this process makes of each article; `wanted` is the identity it must have."""
    from .extract import engine

    try:
        there = identity(settings)
        for what, value in wanted.items():
            if there.get(what) != value:
                return Unfit(
                    _worker(),
                    f"{what} is {there.get(what, 'none')} there and {value} here: {_REMEDIES[what]}",
                )
        with engine(settings) as extractor:
            return [found for articles in task for found in outcomes(extractor, articles)]
    except UNUSABLE as error:
        return Unfit(_worker(), " ".join(str(error).split()))


def _worker() -> str:
    from distributed import get_worker

    return str(get_worker().address)


# ---- the same engine here and there ------------------------------------------------------------------

_INSTALL = "install the same release on this machine, the scheduler and every worker"
_SHARE = "put the same folder under the same path on every worker"
_REMEDIES = {
    "conflict-events": _INSTALL,
    "the model": "install the same model on every worker",
    "the folder of --data": _SHARE,
    "the folder of --gazetteer": _SHARE,
    "the layer": "build it from the same dump on every worker, or do without it by --layer none",
}


@functools.lru_cache(maxsize=8)
def identity(settings: Settings) -> Mapping[str, str]:
    """What decides the rows of this process, by name: program, model, tables. Equal ones give equal rows."""
    program = [*_files(Path(__file__).parent), *_files(Path(__file__).parent / "data")]
    program += _files(Path(gazetteer.__file__).parent)
    folder = layer.chosen(settings.layer)
    return {
        "conflict-events": f"{version('conflict-events')} ({_digest(program)})",
        "the model": _model(settings.model),
        "the folder of --data": _table_digest(settings.data),
        "the folder of --gazetteer": _table_digest(settings.gazetteer),
        "the layer": layer.read_manifest(folder).dump_sha256[:8] if folder else "none",
    }


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in {".py", ".csv"})


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.blake2b(digest_size=4)
    for path in files:
        digest.update(f"{path.name} {path.stat().st_size} ".encode() + path.read_bytes())
    return digest.hexdigest()


def _table_digest(folder: Path | None) -> str:
    if folder is None:
        return "none"
    return _digest(_files(folder)) if folder.is_dir() else "missing"


def _model(name: str | None) -> str:
    """Name and version of the spaCy model that would be loaded."""
    for model in [name] if name else MODELS:
        spec = importlib.util.find_spec(model) if model.isidentifier() else None
        folder = Path(spec.origin).parent if spec and spec.origin else Path(model)
        with contextlib.suppress(OSError, ValueError):
            meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            return f"{meta.get('name')} {meta.get('version')}"
    return "missing"


def _portable(settings: Settings) -> Settings:
    """The settings as another machine can have them: full paths, and the layer that this one chose."""
    folder = layer.chosen(settings.layer)
    model = settings.model
    return replace(
        settings,
        gazetteer=settings.gazetteer and settings.gazetteer.resolve(),
        data=settings.data and settings.data.resolve(),
        model=str(Path(model).resolve()) if model and Path(model).is_dir() else model,
        layer=layer.NONE if folder is None else _layer_elsewhere(folder),
    )


def _layer_elsewhere(folder: Path) -> str:
    """A layer in its usual place is in that of every user; another is under its path."""
    return folder.name if folder == layer.home(folder.name) else str(folder.resolve())


# ---- the cluster -------------------------------------------------------------------------------------


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Client]:
    if importlib.util.find_spec("distributed") is None:
        raise ClusterError("--dask needs dask and distributed: pip install 'conflict-events[dask]'")
    from distributed import Client

    with _quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions that differ: they are compared by name
        place = address
        try:
            place = _address(address)
            asyncio.run(asyncio.wait_for(_greet(place), CONNECT + 2))
            client = Client(place, timeout=CONNECT, set_as_default=False, name="conflict-events")
        except Exception as error:  # of the address, the network, TLS, or an answer that is not Dask's
            raise ClusterError(
                f"{address}: no Dask scheduler can be reached there ({_line(_obstacle(_root(error), place))}): "
                "name one that runs, such as tcp://host:8786, or its scheduler file"
            ) from None
        try:
            yield client
        finally:
            with contextlib.suppress(Exception):
                client.close(timeout=1)


def _address(address: str) -> str:
    """The address of a scheduler, given as such or as the file that the scheduler wrote."""
    if Path(address).is_file():
        return str(json.loads(Path(address).read_text(encoding="utf-8"))["address"])
    return address


def _obstacle(error: BaseException, address: str) -> BaseException:
    """What a plain connection says where Dask, which tries until its time is up, says only that it was."""
    if isinstance(error, TimeoutError):
        from distributed.comm.addressing import get_address_host_port

        try:
            socket.create_connection(get_address_host_port(address), timeout=CONNECT).close()
        except (OSError, ValueError) as plain:
            return plain
    return error


async def _greet(address: str) -> None:
    """Raises whatever is wrong with the address. A client that cannot connect would not let go in silence."""
    from distributed.core import rpc
    from distributed.security import Security

    arguments = Security().get_connection_args("client")
    async with rpc(address, timeout=CONNECT, connection_args=arguments) as scheduler:
        kind = (await scheduler.identity()).get("type")
    if kind != "Scheduler":
        raise ValueError(f"it is the address of a {str(kind).lower()}")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps Dask's own reports of what becomes an error or a Failure here from standard error."""
    names = [
        n for n in logging.root.manager.loggerDict if n.split(".")[0] in {"distributed", "tornado", "asyncio"}
    ]
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _see_that_versions_agree(client: Client, address: str) -> None:
    """Raises ClusterError where scheduler or workers have other packages, or have none of ours."""
    found = client.get_versions(packages=[name.replace("-", "_") for name in SAME])
    places = {f"the scheduler {address}": found["scheduler"]}
    places |= {f"worker {name}": there for name, there in found["workers"].items()}
    for place, there in places.items():
        for name in SAME:
            has = there["packages"].get(name.replace("-", "_")) if there else None
            if has != version(name):
                what = f"has {name} {has}" if has else f"lacks {name}"
                raise ClusterError(f"{place} {what}, this machine has {version(name)}: {_INSTALL}")
