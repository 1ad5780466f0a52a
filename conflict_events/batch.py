"""Many articles, in one process or several: events in the order of the articles, failures beside them.

Whatever goes wrong with one article, in the engine or by the death of a worker process, ends as that
article's Failure; the others are read. The batches are cut the same way for any number of jobs, so the rows
do not depend on it.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import itertools
import multiprocessing
import multiprocessing.connection
import os
import pickle
import signal
import sys
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .copies import Copies, Print, credited
from .events import Article, Event, Failure
from .gazetteer import GazetteerError
from .lexicon import LexiconError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from .extract import Extractor, Settings

T = TypeVar("T")
Item = Article | Failure
Outcome = list[Event] | Failure
Results = Iterator[tuple[Article, list[Event]] | Failure]

UNUSABLE = (LexiconError, GazetteerError)  # the settings' fault: would be the same for every article
ARTICLES, CHARACTERS = 16, 100_000  # the most a batch holds
# So many batches are read sooner here than worker processes have loaded the model.
FEW = 8


# ---- articles to events ------------------------------------------------------------------------------


def run(inputs: Iterable[Item], extractor: Extractor, *, jobs: int | None = 1) -> Results:
    """Each article with its events, not yet merged, or a Failure, in the order of `inputs`.

    `jobs` is the number of worker processes, each with an engine of the same settings; with 1 the work is
    done here, with 0 there are as many as processors, and with None as many where there are more than FEW
    batches. Raises LexiconError or GazetteerError when the settings prove unusable, as with a model that is
    not installed.
    """
    cut = batches(inputs)
    if jobs is None:
        first = list(itertools.islice(cut, FEW + 1))
        jobs, cut = 1 if len(first) <= FEW else 0, itertools.chain(first, cut)
    jobs = jobs or processors()
    return told(_here(cut, extractor) if jobs == 1 else _elsewhere(cut, extractor, jobs))


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def settle() -> None:
    """Make this process one that reads articles: one thread for arithmetic, a garbage collector that looks seldom.

    The processes are the threads, and what is loaded stays for good, so that the collector begins after the
    first batch. To be called before NumPy is imported.
    """
    for library in ("OMP", "OPENBLAS", "MKL", "BLIS"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    if not _settled:
        gc.set_threshold(50_000, 20, 20)
        gc.disable()  # until all is loaded: there is no garbage in it
        _settled.append("loading")


_settled: list[str] = []  # "loading", then "loaded"


def _loaded() -> None:
    """Let the collector begin, in a process that is settled, and leave what is there now out of its view.

    With nothing else to look at it sees sooner what the articles leave behind.
    """
    if _settled == ["loading"]:
        gc.freeze()
        gc.enable()
        _settled[:] = ["loaded"]


_TRIMMED = 16  # batches


def _trim() -> None:
    """Give memory back that is free but scattered, where the C library can, in a process that is settled."""
    if _settled:
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


Batch = list[Item]
Done = Iterator[tuple[Batch, list[Outcome]]]


def told(work: Done) -> Results:
    """The results of batches that are done, article by article, failures of reading in their place."""
    for batch, found in work:
        results = iter(found)
        for item in batch:
            if isinstance(item, Failure):
                yield item
            else:
                outcome = next(results)
                yield outcome if isinstance(outcome, Failure) else (item, outcome)


def batches(inputs: Iterable[Item]) -> Iterator[Batch]:
    """The inputs in their order, as many at a time as an engine reads at once."""
    batch: Batch = []
    size = 0
    for item in inputs:
        batch.append(item)
        size += len(item.text) if isinstance(item, Article) else 0
        if len(batch) >= ARTICLES or size >= CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def articles_of(batch: Batch) -> list[Article]:
    """What of a batch there is to read."""
    return [item for item in batch if isinstance(item, Article)]


def _here(batches: Iterator[Batch], extractor: Extractor) -> Done:
    try:
        for number, batch in enumerate(batches, 1):
            found = outcomes(extractor, articles_of(batch))
            _loaded()  # the model, too, if the batch needed it
            if number % _TRIMMED == 0:
                _trim()
            yield batch, found
    finally:
        _loaded()


def outcomes(extractor: Extractor, articles: Sequence[Article]) -> list[Outcome]:
    """What the engine makes of each article; where a batch fails, the articles are tried one by one."""
    try:
        found: list[Outcome] = [events for _, events in extractor.pipe(articles)]
        if len(found) == len(articles):
            return found
    except UNUSABLE:
        raise
    except Exception:  # whatever it is, it must cost one article and not all
        pass
    return [_outcome(extractor, article) for article in articles]


def _outcome(extractor: Extractor, article: Article) -> Outcome:
    return attempt(article, lambda: [e for _, events in extractor.pipe([article]) for e in events])


def attempt(article: Article, work: Callable[[], T]) -> T | Failure:
    """What `work` gives for the article, or a Failure in place of an error of the engine."""
    try:
        return work()
    except UNUSABLE:
        raise
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return Failure(article.id, f"internal error: {what}; please report it with the article")


# ---- worker processes --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Engine:
    """What a worker reads with: an engine that it has as a copy of this process, else settings to load one from.

    A copy is there at once and shares the memory of what is loaded. Only a process of one thread can be
    copied: locks that another thread holds would stay locked in the copy.
    """

    settings: Settings
    loaded: Extractor | None = None

    @classmethod
    def of(cls, extractor: Extractor) -> _Engine:
        """The extractor, its model loaded, where this process can be copied."""
        if not _one_thread():
            return cls(extractor.settings)
        with contextlib.suppress(*UNUSABLE):  # told when a sentence needs the model
            extractor.load()
        return cls(extractor.settings, extractor)

    @property
    def unloaded(self) -> _Engine:
        """The same for a process that is no copy."""
        return _Engine(self.settings)


@dataclass
class _Worker:
    """A process with the engine in it, our end of its pipe, and the batch it is at work on, if any."""

    process: BaseProcess
    pipe: Connection
    number: int = -1
    ready: bool = False


def _elsewhere(batches: Iterator[Batch], extractor: Extractor, jobs: int) -> Done:
    """As _here, by worker processes; at most two batches a worker are in memory at any time."""
    engine: _Engine | None = None
    waiting: dict[int, Batch] = {}
    finished: dict[int, list[Outcome]] = {}
    numbered = enumerate(batches)
    workers: list[_Worker] = []
    turn, more = 0, True
    try:
        while more or waiting:
            while more and len(waiting) < 2 * jobs:
                upcoming = next(numbered, None)
                more = upcoming is not None
                if upcoming:
                    waiting[upcoming[0]] = upcoming[1]
            todo = _to_do(workers, waiting, finished)
            while len(workers) < jobs and len([w for w in workers if w.number < 0]) < len(todo):
                if engine is None:
                    engine = _Engine.of(extractor)
                    _loaded()
                workers.append(_start(engine))
            _hand_out(workers, waiting, todo)
            if turn not in finished and waiting and engine:
                _collect(workers, waiting, finished, engine)
                # before what is done is looked at here: a worker should not wait for that
                _hand_out(workers, waiting, _to_do(workers, waiting, finished))
            while turn in finished:
                yield waiting.pop(turn), finished.pop(turn)
                turn += 1
    finally:
        _loaded()
        for worker in workers:
            _stop(worker)


def _to_do(
    workers: list[_Worker], waiting: dict[int, Batch], finished: dict[int, list[Outcome]]
) -> list[int]:
    at_work = {worker.number for worker in workers}
    return [number for number in waiting if number not in finished and number not in at_work]


def _hand_out(workers: list[_Worker], waiting: dict[int, Batch], todo: list[int]) -> None:
    for worker in workers:
        if worker.ready and worker.number < 0 and todo:
            number = todo.pop(0)
            worker.number = number
            with contextlib.suppress(OSError):  # it has died: _collect sees the closed pipe
                worker.pipe.send(articles_of(waiting[number]))


def _collect(
    workers: list[_Worker],
    waiting: dict[int, Batch],
    finished: dict[int, list[Outcome]],
    engine: _Engine,
) -> None:
    """Waits for at least one worker to report, and takes the reports."""
    pipes = {worker.pipe: worker for worker in workers}
    for pipe in multiprocessing.connection.wait(list(pipes)):
        worker = pipes[pipe]  # type: ignore[index]
        try:
            report = worker.pipe.recv()
        except (EOFError, OSError):
            workers.remove(worker)
            _stop(worker)
            if not worker.ready:
                raise RuntimeError("a worker process ended while it was starting; try --jobs 1") from None
            if worker.number >= 0:
                finished[worker.number] = _alone(articles_of(waiting[worker.number]), engine)
            continue
        if isinstance(report, Exception):
            raise report
        if worker.ready:
            finished[worker.number] = report
        worker.ready, worker.number = True, -1


def _alone(articles: Sequence[Article], engine: _Engine) -> list[Outcome]:
    """A second try for the articles of a worker that died, each by itself, so that only the cause fails."""
    found: list[Outcome] = []
    worker: _Worker | None = None
    try:
        for article in articles:
            worker = worker or _start(engine)
            try:
                if not worker.ready:
                    worker.pipe.recv()
                    worker.ready = True
                worker.pipe.send([article])
                report = worker.pipe.recv()
                if isinstance(report, Exception):
                    raise report
                found.extend(report)
            except (EOFError, OSError):
                _stop(worker)
                worker = None
                reason = (
                    "the process reading it died twice (out of memory?); please report it with the article"
                )
                found.append(Failure(article.id, reason))
    finally:
        if worker:
            _stop(worker)
    return found


def _one_thread() -> bool:
    """True where this process is seen to have a single thread, libraries' own counted."""
    try:
        return sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


def _start(engine: _Engine) -> _Worker:
    """A new worker: a copy of this process where that can be, else a process that loads an engine."""
    copied = engine.loaded is not None and _one_thread()
    context: Any = multiprocessing.get_context("fork" if copied else "spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_serve, args=(theirs, engine if copied else engine.unloaded), daemon=True
    )
    # a copy meets them as this process would until it has its own way
    with _held({signal.SIGINT, signal.SIGTERM} if copied else {signal.SIGINT}):
        process.start()
    theirs.close()
    return _Worker(process, ours)


@contextlib.contextmanager
def _held(signals: set[signal.Signals]) -> Iterator[None]:
    """The signals wait, also in a process started meanwhile: Ctrl-C would end it with a traceback."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _stop(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.terminate()
    worker.process.join()


def _serve(pipe: Connection, engine: _Engine) -> None:
    """The life of a worker: reports that it is ready, then events for articles until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if engine.loaded:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        _let_go(pipe)
    settle()
    try:
        extractor = engine.loaded or _new(engine.settings)
        _loaded()
    except Exception as error:
        _report(pipe, error)
        return
    _report(pipe, None)
    while True:
        try:
            articles = pipe.recv()
        except (EOFError, OSError):  # the parent is done, or gone
            return
        try:
            _report(pipe, outcomes(extractor, articles))
        except UNUSABLE as error:
            _report(pipe, error)


def _new(settings: Settings) -> Extractor:
    from .extract import Extractor

    return Extractor(settings)


def _let_go(pipe: Connection) -> None:
    """Close what a copy of a process has open of it, the pipe aside.

    Else a lock would outlast the run that took it, and other workers would not see that the run has ended.
    """
    for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if number > 2 and number != pipe.fileno():
            with contextlib.suppress(OSError):
                os.close(number)


def _report(pipe: Connection, content: Any) -> None:
    try:
        pipe.send(content)
    except OSError:
        os._exit(0)  # the parent is gone: nobody is left to tell


# ---- events to rows ----------------------------------------------------------------------------------


@dataclass
class Tally:
    """What a run has done so far: articles read, copies of them, rows given, failures, rows without a date."""

    articles: int = 0
    copies: int = 0
    rows: int = 0
    failures: int = 0
    undated: Counter[str] = field(default_factory=Counter)

    def warnings(self) -> Iterator[str]:
        """A line for each article whose rows have no date, because its day of publication is not known."""
        for article, count in self.undated.items():
            rows = "1 row has" if count == 1 else f"{count} rows have"
            yield f"{article}: warning: {rows} no date: give the day of publication with --published"


def rows(
    results: Iterable[tuple[Article, list[Event]] | Failure],
    merge: Callable[[Iterable[Event], str], Iterable[Event]],
    *,
    scope: str = "all",
    unlocated: str = "drop",
    min_confidence: float = 0.0,
    on_failure: Callable[[Failure], None] = lambda failure: None,
    on_article: Callable[[Article], None] = lambda article: None,
    tally: Tally | None = None,
    copies: Copies | None = None,
) -> Iterator[Event]:
    """The events to write, merged by `merge` within `scope` ("all", "article" or "none"), then selected.

    `copies` are those that were left out of the articles read; with "all" the events name them, too.
    With "article" and "none" they come article by article, as soon as each is read. Events without
    coordinates are left out unless `unlocated` is "keep", and so are those below `min_confidence` (0 to 1).
    """
    tally = Tally() if tally is None else tally
    kept: deque[tuple[bytes, Print | None]] = deque()  # packed: rows wait for the last article
    for result in results:
        if isinstance(result, Failure):
            tally.failures += 1
            on_failure(result)
            continue
        article, events = result
        tally.articles += 1
        if scope == "all":
            known = copies.print_of(article) if copies else None
            if events:
                packed = zlib.compress(pickle.dumps(events, pickle.HIGHEST_PROTOCOL), 1)
                kept.append((packed, known))
        else:
            yield from selected(merge(events, scope), unlocated, min_confidence, tally)
        on_article(article)
    if scope == "all":
        tally.copies = copies.count if copies else 0
        yield from selected(merge(_unpacked(kept), scope), unlocated, min_confidence, tally)


def _unpacked(kept: deque[tuple[bytes, Print | None]]) -> Iterator[Event]:
    """The events in their order; `kept` is used up, its memory given back on the way."""
    while kept:
        if len(kept) % 256 == 0:
            _trim()
        packed, known = kept.popleft()
        yield from credited(pickle.loads(zlib.decompress(packed)), known)


def selected(
    events: Iterable[Event], unlocated: str, min_confidence: float, tally: Tally | None = None
) -> Iterator[Event]:
    """Those of the events that are to be written, counted in `tally`."""
    tally = Tally() if tally is None else tally
    for event in events:
        if (event.latitude is None and unlocated != "keep") or event.confidence < min_confidence:
            continue
        tally.rows += 1
        if event.event_date is None:
            tally.undated.update(event.article_id or ("-",))
        yield event
