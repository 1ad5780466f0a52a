"""The command line: the only room that prints or exits.

Rows go to standard output, everything else to standard error. Each command is a short function; what it
needs is imported when it runs, so that --help is instant. Every option can also be set by an environment
variable: CONFLICT_EVENTS_JOBS for --jobs, and so on, the same for every command.
"""

from __future__ import annotations

import contextlib
import errno
import io
import itertools
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NoReturn, TypeVar

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    import datetime

    from rich.console import Console

    from .batch import Results, Tally
    from .coded import Coded
    from .evaluate import Pairing
    from .events import Article, Event, Explanation, Failure
    from .extract import Extractor, Settings
    from .gazetteer.build import Built
    from .provenance import Provenance
    from .readers import Table
    from .review import Wanted
    from .review_page import Server
    from .sheet import Done, Keeper
    from .tables import Options

SOME_FAILED, USAGE, IN_USE, INTERRUPTED, TERMINATED = 1, 2, 75, 130, 143
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
ENVIRONMENT = {"auto_envvar_prefix": "CONFLICT_EVENTS"}

Command = TypeVar("Command", bound=Callable[..., Any])


class Unusable(click.ClickException):
    """Something the user named cannot be used: a folder of dictionaries, an output file. Exit code 2."""

    exit_code = USAGE


class Program(click.Group):
    """The group of commands, ending quietly when it is interrupted or its output is no longer read."""

    def invoke(self, ctx: click.Context) -> Any:
        with contextlib.suppress(ValueError):  # only the main thread may set handlers
            signal.signal(signal.SIGTERM, _terminate)
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            _abandon_stdout()  # `| head` has what it wants
            ctx.exit(0)
        except OSError as error:
            if error.errno not in FULL or error.filename:
                raise
            _abandon_stdout()
            raise click.ClickException(f"cannot write to standard output: {error.strerror}") from None


def _abandon_stdout() -> None:
    """Keeps the interpreter from trying, at exit, to write what standard output would not take."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _terminate(number: int, frame: object) -> NoReturn:
    sys.exit(TERMINATED)  # an exception, so that unfinished files are removed on the way out


def _version(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from . import __version__

        click.echo(f"conflict-events {__version__}")
        ctx.exit()


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version."
)
def main() -> None:
    """Read English news text and write ACLED-style event rows for Syria.

    \b
    Exit codes: 0 done (also when there is no event), 1 some articles could not
    be read (the rest is written), 2 the command line or a file it names cannot
    be used, 75 the file is in use. Options can be set by environment variables,
    CONFLICT_EVENTS_JOBS for --jobs and so on.
    """


# ---- options that commands share ---------------------------------------------------------------------


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """One decorator that adds all `options`, in this order."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


class Day(click.ParamType["datetime.date"]):
    """A day as ISO or any other unambiguous date."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime.date:
        from .publication import read_date

        day = read_date(str(value))
        return day or self.fail(f"{value!r} is not a date that can only be read one way: use YYYY-MM-DD")


class Field(click.ParamType[tuple[str, str]]):
    """OURS=THEIRS, as a pair."""

    name = "field=name"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        from .articles import FIELDS

        ours, _, theirs = str(value).partition("=")
        if ours not in FIELDS or not theirs:
            self.fail(f"{value!r}: expected FIELD=NAME, FIELD being one of {', '.join(FIELDS)}")
        return ours, theirs


FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
TABLE = click.Path(exists=True, dir_okay=False, allow_dash=True)
EVENTS = click.Path(exists=True, allow_dash=True)

article_options = _options(
    click.option(
        "--published",
        type=Day(),
        help="Day of publication of every article, for 'yesterday' and 'on Monday'. It wins over what an "
        "article says of itself.",
    ),
    click.option("--source", default="", metavar="NAME", help="Name of the source of every article."),
    click.option(
        "--map",
        type=Field(),
        multiple=True,
        help="Name that a JSON or CSV feed uses for a field, such as text=body. May be repeated.",
    ),
    click.option(
        "--limit",
        type=click.IntRange(min=1),
        default=1_000_000,
        show_default=True,
        metavar="N",
        help="Most characters an article may have.",
    ),
)
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=0),
    metavar="N",
    help="Worker processes; 0 for one a processor. [default: 1 for a few articles, else one a processor]",
)


dask_option = click.option(
    "--dask",
    metavar="ADDRESS",
    help="Read the articles on a Dask cluster: its scheduler's address, tcp://host:8786, or scheduler file.",
)


def _lay_under(ctx: click.Context, option: click.Parameter, layer: str | None) -> None:
    """Hands --layer on in the variable that Gazetteer.load reads, so that worker processes have it too."""
    if layer is not None:
        os.environ["CONFLICT_EVENTS_LAYER"] = layer


layer_option = click.option(
    "--layer",
    metavar="none|CC|DIR",
    expose_value=False,
    callback=_lay_under,
    help="Built gazetteer to lay under the packaged one: none, the code of a country, or its folder. "
    "[default: Syria's, where it was built]",
)
engine_options = _options(
    click.option("--gazetteer", type=FOLDER, help="Folder with a places.csv that overlays the gazetteer."),
    layer_option,
    click.option("--data", type=FOLDER, help="Folder with CSV files that overlay the dictionaries."),
    click.option("--model", metavar="NAME", help="spaCy model to parse with."),
)


selection_options = _options(
    click.option(
        "--unlocated",
        type=click.Choice(["drop", "keep"]),
        default="drop",
        show_default=True,
        help="What becomes of events without coordinates.",
    ),
    click.option(
        "--doubtful",
        type=click.Choice(["drop", "keep"]),
        default="drop",
        show_default=True,
        help="What becomes of rows with a low confidence (under 0.35) in articles that tell others more surely.",
    ),
    click.option(
        "--min-confidence",
        type=click.FloatRange(0, 1),
        default=0.0,
        metavar="X",
        help="Leave out rows with a confidence below X (0 to 1).",
    ),
)
spreadsheet_options = _options(
    click.option("--bom", is_flag=True, help="Start CSV with a byte order mark, for older Excel."),
    click.option(
        "--no-guard", is_flag=True, help="No apostrophe before text that a spreadsheet takes for a formula."
    ),
    click.option("--inter-codes", is_flag=True, help="ACLED's numbers for inter1, inter2 and interaction."),
    click.option("--hxl", is_flag=True, help="HXL's hashtags under the header of a spreadsheet."),
)


def _settings(options: Mapping[str, Any]) -> Settings:
    from .extract import Settings

    return Settings(
        gazetteer=options["gazetteer"],
        data=options["data"],
        model=options["model"],
        located=options.get("unlocated") == "drop",
        doubtful=options.get("doubtful", "drop"),
    )


@contextlib.contextmanager
def _usable() -> Iterator[None]:
    """Turns errors in what the user named (dictionaries, gazetteer, model) into one line and exit code 2."""
    from .batch import UNUSABLE

    try:
        yield
    except UNUSABLE as error:
        raise Unusable(str(error)) from None


def _inputs(
    paths: tuple[str, ...],
    options: Mapping[str, Any],
    skip: tuple[str, ...] = (),
    *,
    note: bool | Say = True,
    wanted: Callable[[str], bool] | None = None,
) -> Iterator[Article | Failure]:
    from .articles import read_articles

    return read_articles(
        paths,
        stdin=_stdin(),
        published=options["published"],
        source=options["source"],
        mapping=dict(options["map"]),
        limit=options["limit"],
        skip=skip,
        note=note if callable(note) else (lambda message: click.echo(message, err=True)) if note else None,
        wanted=wanted,
    )


def _stdin() -> BinaryIO | None:
    return None if sys.stdin is None else sys.stdin.buffer


def _or_stdin(ctx: click.Context, paths: tuple[str, ...]) -> tuple[str, ...]:
    """The paths, else standard input; on a terminal, where nothing would come, the help and exit code 2."""
    if paths:
        return paths
    if sys.stdin is not None and sys.stdin.isatty():
        click.echo(ctx.get_help(), err=True)
        ctx.exit(USAGE)
    return ("-",)


# ---- extract -----------------------------------------------------------------------------------------


@main.command(context_settings=ENVIRONMENT)
@click.argument("paths", nargs=-1, metavar="[PATHS|-]...")
@click.option(
    "-o",
    "--output",
    metavar="FILE|DIR/",
    help="Write here, and only when all is done, not to stdout. Into a folder, Parquet is written in parts: "
    "broken off, the same command goes on.",
)
@click.option(
    "--format", metavar="FORMAT", help="Such as csv, xlsx, geojson or table. [default: by FILE's ending]"
)
@click.option(
    "--columns", type=click.Choice(["acled", "full"]), help="ACLED's columns, or with the evidence."
)
@click.option(
    "--merge",
    type=click.Choice(["all", "article", "none"]),
    default="all",
    show_default=True,
    help="Within what the same event told twice becomes one row.",
)
@click.option(
    "--report", metavar="FILE", help="Also write a page that shows the events, see the command report."
)
@selection_options
@jobs_option
@dask_option
@article_options
@engine_options
@spreadsheet_options
@click.pass_context
def extract(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:
    """Write the events of articles as rows.

    PATHS are files (.html .rss .atom .txt .md .json .jsonl .csv .tsv .warc .pdf .docx, also .gz), folders of
    them, or - for standard input.
    Rows go to standard output: as a table on a terminal, else as CSV.
    """
    from .batch import Tally, rows, settle
    from .copies import Copies
    from .extract import Extractor

    if options["dask"] and ctx.get_parameter_source("jobs") is ParameterSource.COMMANDLINE:
        raise click.UsageError(
            "--jobs is for this machine: with --dask the cluster has as many workers as it has"
        )
    paths = _or_stdin(ctx, paths)
    if not options["dask"]:
        settle()
    if _is_folder(options):
        _extract_into_folder(ctx, paths, options)
        return
    target = _target(paths, options)
    tally = Tally()
    with _usable(), _progress(options["output"], tally) as (step, say):
        extractor = Extractor(_settings(options))
        articles = _inputs(paths, options, skip=target)
        # rows of single articles are wanted for each copy, too
        copies = Copies(extractor.lexicon) if options["merge"] == "all" else None
        articles = copies.left_out(articles) if copies else articles
        events = rows(
            _read(articles, extractor, options),
            extractor.merging,
            scope=options["merge"],
            copies=copies,
            unlocated=options["unlocated"],
            min_confidence=options["min_confidence"],
            on_failure=lambda failure: say(str(failure)),
            on_article=step,
            tally=tally,
        )
        _write(_begun(events), options)
    _close(ctx, tally)


def _read(articles: Iterator[Article | Failure], extractor: Extractor, options: Mapping[str, Any]) -> Results:
    """The articles with their events, read by processes of this machine or on a cluster."""
    if not options["dask"]:
        from .batch import run

        yield from run(articles, extractor, jobs=options["jobs"])
        return
    from . import cluster

    try:
        yield from cluster.run(articles, extractor, address=options["dask"])
    except cluster.ClusterError as error:
        raise Unusable(str(error)) from None


def _is_folder(options: Mapping[str, Any]) -> bool:
    """True where the output is a folder: by a slash at its end, or because it is one and may hold Parquet."""
    from .tables import format_of

    output, form = options["output"], options["format"]
    if not output or output == "-":
        return False
    if not output.endswith(("/", os.sep)):
        return Path(output).is_dir() and (form or format_of(output) or "parquet") == "parquet"
    if form not in (None, "parquet"):
        raise click.UsageError(f"a folder is written as Parquet, not as {form}: leave --format out")
    return True


def _extract_into_folder(ctx: click.Context, paths: tuple[str, ...], options: Mapping[str, Any]) -> None:
    """Reads what the folder has not yet, and writes the events of all; exit codes as for a file."""
    from .archive import Archive, made_with
    from .batch import Tally
    from .extract import Extractor
    from .holding import Locked, SheetError
    from .manifest import ArchiveError
    from .years import Wanted, write_years

    folder = _new_or_own_folder(paths, options)
    tally, settings = Tally(), _settings(options)
    names = ("scope", "unlocated", "min_confidence", "columns", "inter_codes")
    options = {**options, "scope": options["merge"], "columns": options["columns"] or "acled"}
    wanted = Wanted(**{name: options[name] for name in names})
    reading = {name: options[name] for name in ("published", "source", "map", "limit")}
    try:
        with _usable(), _progress(str(folder), tally) as (step, say):
            copies = wanted.scope == "all"
            with Archive(folder, made_with(settings, reading, copies=copies), say) as archive:
                extractor = Extractor(settings)
                archive.read(
                    lambda new, note: _inputs(paths, options, skip=(str(folder),), note=note, wanted=new),
                    lambda items: _read(items, extractor, options),
                    extractor.lexicon if copies else None,
                    tally,
                    step,
                )
                write_years(archive, extractor, wanted, tally)
    except Locked as error:
        click.echo(_one_line(str(error)), err=True)
        ctx.exit(IN_USE)
    except (ArchiveError, SheetError) as error:
        raise Unusable(_one_line(str(error))) from None
    except OSError as error:
        what = f"cannot write in {folder}: {error.strerror or error}"
        raise click.ClickException(f"{what}: mend that and go on with the same command") from None
    _close(ctx, tally)


def _new_or_own_folder(paths: tuple[str, ...], options: Mapping[str, Any]) -> Path:
    """The folder of the output, made where it is not there, having seen that it can be one."""
    from .tables import usable

    if "-" in paths:
        raise click.UsageError(
            "standard input cannot be gone on with: name files or folders to read into a folder"
        )
    if options["report"]:
        raise click.UsageError("--report goes with a file: show a finished folder with the command report")
    if reason := usable("parquet", _how(options)):
        raise click.UsageError(reason)
    folder = Path(options["output"])
    if folder.exists() and not folder.is_dir():
        raise Unusable(f"{folder} is a file: name a folder")
    if not folder.resolve().parent.is_dir():
        raise Unusable(f"{folder}: the folder {folder.parent} does not exist: create it first")
    for path in paths:
        if _same(path, str(folder)) or (folder / "_parts").resolve() in Path(path).resolve().parents:
            raise Unusable(f"{folder} is also an input: name another folder to write into")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise Unusable(f"{folder}: cannot be made: {error.strerror or error}") from None
    return folder


def _target(paths: tuple[str, ...], options: dict[str, Any]) -> tuple[str, ...]:
    """The output file, if any, having seen that it can be one; fills in the format."""
    from .tables import FORMATS, format_of, usable

    output, form = options["output"], options["format"]
    if output == "-":
        output = options["output"] = None
    if form is None:
        form = format_of(output) if output else ("table" if sys.stdout.isatty() else "csv")
    if form not in FORMATS:
        what = f"--format {form}" if form else f"the ending of {output}"
        raise click.UsageError(f"{what} is not a format this version writes: it writes {', '.join(FORMATS)}")
    options["format"] = form
    if reason := usable(form, _how(options)):
        raise click.UsageError(reason)
    if FORMATS[form].binary and not output and sys.stdout.isatty():
        raise click.UsageError(f"{form} is nothing for a terminal: name a file with -o, or a pipe")
    reported = (options["report"],) if options["report"] else ()
    for report in reported:
        _see_that_it_can_be(report, paths)
        if output and _same(report, output):
            raise click.UsageError(f"{report} cannot be both the rows and the page")
    if not output:
        return reported
    _see_that_it_can_be(output, paths)
    return (output, *reported)


def _see_that_it_can_be(output: str, paths: tuple[str, ...]) -> None:
    """Raises Unusable where `output` cannot be written, or is one of the inputs."""
    place = Path(output)
    if place.is_dir():
        raise Unusable(f"{output} is a folder: name a file in it")
    if not place.resolve().parent.is_dir():
        raise Unusable(f"{output}: the folder {place.parent} does not exist: create it first")
    if not os.access(place.resolve().parent, os.W_OK) and not _is_device(place):
        raise Unusable(f"{output}: not allowed to write in the folder {place.parent}")
    if place.is_file() and not os.access(place, os.W_OK):
        raise Unusable(f"{output} is write-protected: change its permissions or name another file")
    if any(path != "-" and Path(path).is_file() and _same(path, output) for path in paths):
        raise Unusable(f"{output} is also an input: it would be replaced by what is made of it")


def _is_device(place: Path) -> bool:
    return place.exists() and not place.is_file()


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _begun(events: Iterator[Event]) -> Iterator[Event]:
    """The same events, with the first at hand: unusable settings fail before anything is written."""
    first = list(itertools.islice(events, 1))
    return itertools.chain(first, events)


def _write(events: Iterator[Event], options: Mapping[str, Any]) -> None:
    from .tables import FORMATS, write_events

    form, columns, output = options["format"], options["columns"], options["output"]
    try:
        out = sys.stdout.buffer if FORMATS[form].binary else _stdout()
        with _reported(events, options["report"], output) as events:
            write_events(events, output or out, form, columns, _how(options))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _abandon_stdout()
        name = output or "to standard output"
        raise click.ClickException(f"cannot write {name}: {error.strerror or error}") from None


@contextlib.contextmanager
def _reported(events: Iterator[Event], report: str | None, rows: str | None) -> Iterator[Iterator[Event]]:
    """The same events; when all of them were taken, the page that shows them is written, too."""
    if not report:
        yield events
        return
    from .readers import table_of
    from .tables import replacing

    kept: list[Event] = []
    with replacing(Path(report)) as file:
        yield (kept.append(event) or event for event in events)  # type: ignore[func-returns-value]
        file.write(_page(table_of(kept), None, Path(rows).name if rows else ""))


def _how(options: Mapping[str, Any]) -> Options:
    from .tables import Options

    return Options(
        guard=not options["no_guard"],
        bom=options["bom"],
        inter_codes=options["inter_codes"],
        hxl=options["hxl"],
    )


def _stdout() -> IO[str]:
    """Standard output as UTF-8 whatever the locale, with line ends as they are written."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="", errors="strict")
    return sys.stdout


def _close(ctx: click.Context, tally: Tally) -> None:
    """Warnings, on a terminal a line of figures, and the exit code."""
    for warning in tally.warnings():
        click.echo(warning, err=True)
    if sys.stderr.isatty():
        failed = f", {tally.failures} could not be read" if tally.failures else ""
        copies = f", {tally.copies} of them copies" if tally.copies else ""
        told = f"{_many(tally.rows, 'event')} from {_many(tally.articles + tally.copies, 'article')}"
        click.echo(f"{told}{copies}{failed}", err=True)
    if tally.failures:
        ctx.exit(SOME_FAILED)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


Step = Callable[["Article"], None]
Say = Callable[[str], None]


@contextlib.contextmanager
def _progress(output: str | None, tally: Tally) -> Iterator[tuple[Step, Say]]:
    """What to call after an article and with a message, showing progress where it disturbs nobody.

    That is on a terminal's standard error when the rows go elsewhere; a cron job sees nothing of it.
    """
    if not sys.stderr.isatty() or (sys.stdout.isatty() and not output):
        yield lambda article: None, lambda message: click.echo(_one_line(message), err=True)
        return
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

    console = Console(stderr=True)
    spinner, last = Spinner("dots", "loading"), 0.0
    # no thread that draws by itself: a process with two could not be copied for its workers
    with Live(spinner, console=console, auto_refresh=False, transient=True) as live:

        def step(article: Article) -> None:
            nonlocal last
            # rows that wait for merging are not counted yet
            events = f", {_many(tally.rows, 'event')}" if tally.rows else ""
            spinner.update(text=f"{_many(tally.articles, 'article')} read{events}")
            if time.monotonic() - last > 0.1:
                live.refresh()
                last = time.monotonic()

        yield step, lambda message: console.print(Text(_one_line(message)), soft_wrap=True)


def _one_line(message: str) -> str:
    from .tables import printable

    return printable(message)


# ---- update ------------------------------------------------------------------------------------------


@main.command(context_settings=ENVIRONMENT)
@click.argument("sheet", metavar="SHEET", type=click.Path(path_type=Path))
@click.argument("paths", nargs=-1, metavar="[PATHS|-]...")
@click.option(
    "--columns",
    type=click.Choice(["acled", "full"]),
    default="acled",
    show_default=True,
    help="Columns of a new sheet: ACLED's, or with the evidence.",
)
@selection_options
@click.option("--no-refresh", is_flag=True, help="Leave rows as they are when later articles say more.")
@jobs_option
@article_options
@engine_options
@spreadsheet_options
@click.option(
    "--feed",
    "feeds",
    multiple=True,
    metavar="URL",
    help="RSS or Atom feed whose new articles are fetched and read. May be repeated.",
)
@click.option(
    "--feed-limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="N",
    help="Most pages that one run fetches; the next run goes on.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say what was added and what was changed.")
@click.pass_context
def update(ctx: click.Context, /, sheet: Path, paths: tuple[str, ...], **options: Any) -> None:
    """Add the events of new articles to a spreadsheet that people edit.

    SHEET is a .csv, .xlsx or .ods file; the first run creates it. PATHS are as for extract; what was read
    before is not read again. What people did to the sheet stays as it is: a row they changed, added or
    deleted, their columns, colours and formulas. Nothing is printed when all is well.

    Exit codes: 1 when something could not be read or the sheet not be written, 75 when another run is at
    work on it.
    """
    from .columns import TableError
    from .holding import Locked, SheetError
    from .state import StateError

    if not paths and not options["feeds"]:
        raise click.UsageError("nothing to read from: name files, folders, - or a --feed")
    try:
        with _usable():
            _update(ctx, sheet, paths, options)
    except Locked as error:
        click.echo(_one_line(str(error)), err=True)
        ctx.exit(IN_USE)
    except (SheetError, StateError, TableError) as error:
        raise click.ClickException(_one_line(str(error))) from None


def _update(ctx: click.Context, sheet: Path, paths: tuple[str, ...], options: Mapping[str, Any]) -> None:
    from .batch import run
    from .events import Failure
    from .extract import Extractor
    from .sheet import Keeper, Wanted, rules

    settings = _settings(options)
    engine = lru_cache(partial(Extractor, settings))
    wanted = Wanted(
        options["columns"],
        _how(options),
        refresh=not options["no_refresh"],
        located=options["unlocated"] == "drop",
        min_confidence=options["min_confidence"],
    )
    with Keeper(sheet, wanted, rules(settings)) as keeper:
        found = keeper.unread(paths, lambda path: _inputs((path,), options, note=False))
        articles = itertools.chain(found, _fetched(keeper, options))
        first = next(articles, None)
        failures = 0
        for result in (
            run(itertools.chain([first], articles), engine(), jobs=options["jobs"]) if first else ()
        ):
            if isinstance(result, Failure):
                failures += 1
                click.echo(_one_line(str(result)), err=True)
            else:
                keeper.take(*result, engine())
        done = keeper.write(engine)
    for event in done.added:
        if event.event_date is None:
            what = "a row has no date: give the day of publication with --published"
            click.echo(_one_line(f"{'; '.join(event.article_id)}: warning: {what}"), err=True)
    if options["verbose"]:
        _tell(done, sheet)
    if failures:
        ctx.exit(SOME_FAILED)


def _fetched(keeper: Keeper, options: Mapping[str, Any]) -> Iterator[Article | Failure]:
    """The new articles of feeds."""
    if not options["feeds"]:
        return
    from .events import Failure
    from .subscriptions import feed_articles

    names = ("published", "source", "limit")
    how = {name: options[name] for name in names}
    for item in feed_articles(options["feeds"], keeper.state, most=options["feed_limit"], **how):
        if isinstance(item, Failure) or keeper.is_new(item):
            yield item


def _tell(done: Done, sheet: Path) -> None:
    """What a run did, line by line."""
    for event in done.added:
        click.echo(_one_line(f"added {event.event_id_cnty}: {_summary(event)}"), err=True)
    for id, cells in done.changed.items():
        what = "; ".join(f"{name}: {_cell(old)} → {_cell(new)}" for name, (old, new) in cells.items())
        click.echo(_one_line(f"changed {id}: {what}"), err=True)
    for id in done.edited:
        click.echo(_one_line(f"left as edited {id}: later articles say more of it"), err=True)
    for id in done.deleted:
        click.echo(_one_line(f"left out {id}: its row was deleted, later articles tell of it"), err=True)
    added, changed = _many(len(done.added), "row"), _many(len(done.changed), "row")
    read = _many(done.articles, "new article")
    click.echo(_one_line(f"{sheet}: {added} added, {changed} changed, {read} read"), err=True)


def _cell(value: object) -> str:
    text = "nothing" if value in (None, "") else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


# ---- review ------------------------------------------------------------------------------------------


@main.command(context_settings=ENVIRONMENT)
@click.argument("events", metavar="EVENTS", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("articles", nargs=-1, metavar="[ARTICLES]...")
@click.option(
    "--order",
    type=click.Choice(["confidence", "date", "sheet"]),
    default="confidence",
    show_default=True,
    help="Which rows come first: the least sure, the oldest, or those on top of the sheet.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE",
    help="Only this event or sub-event type. May be repeated.",
)
@click.option("--since", type=Day(), help="Only events of this day or later.")
@click.option("--until", type=Day(), help="Only events of this day or earlier.")
@click.option(
    "--learn",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for dictionary rows made of corrections, to be given to extract as --data.",
)
@click.option("--no-browser", is_flag=True, help="Print the address of the page, and open no browser.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of the page. [default: a free one]"
)
@article_options
@engine_options
@click.pass_context
def review(ctx: click.Context, /, events: Path, articles: tuple[str, ...], **options: Any) -> None:
    """Go through rows in the browser: accept, reject, correct.

    EVENTS is a sheet that extract or update wrote (.csv .tsv .xlsx .ods). ARTICLES are what it was made from:
    they show each sentence in its context, and for a sheet without the column "sentence" they are read again.
    The page is served to this machine only. Corrections are written into the sheet as a person's edits.

    Exit codes: 75 when the sheet is in use.
    """
    from .holding import InUse, Locked, SheetError
    from .journal import JournalError

    try:
        with _usable():
            _review(ctx, events, articles, options)
    except (Locked, InUse) as error:
        click.echo(_one_line(str(error)), err=True)
        ctx.exit(IN_USE)
    except (JournalError, SheetError) as error:
        raise click.ClickException(_one_line(str(error))) from None


def _review(ctx: click.Context, sheet: Path, articles: tuple[str, ...], options: dict[str, Any]) -> None:
    from .extract import Extractor
    from .provenance import Provenance
    from .review import Review
    from .review_page import Desk, Server

    learn = options["learn"]
    if learn and options["data"] and not _same(str(learn), str(options["data"])):
        raise click.UsageError(
            "--learn and --data must be the same folder: what is learned is read with what is known"
        )
    if learn and learn.is_dir():
        options["data"] = learn
    extractor = Extractor(_settings(options))
    wanted = _wanted_rows(extractor, options)
    with Review(sheet, extractor.lexicon, extractor.gazetteer) as work:
        evidence = Provenance(extractor)
        failed = _keep_articles(evidence, work.columns, articles, options)
        with _port(options["port"], Server) as server:
            server.desk = Desk(work, evidence, wanted, learn, server.end)
            click.echo(f"reviewing {_one_line(str(sheet))} at {server.address}", err=True)
            click.echo("q on the page, or Ctrl-C here, ends", err=True)
            if not options["no_browser"] and _has_screen():
                click.launch(server.address)
            # while the person reads the first row
            threading.Thread(target=evidence.warm_up, daemon=True).start()
            with contextlib.suppress(KeyboardInterrupt):
                server.serve_forever(poll_interval=0.2)
            server.desk.rest()
        if left := work.unsaved():
            rows = _many(left, "row")
            click.echo(f"{rows} decided but not yet in the sheet: kept, review goes on there", err=True)
    if failed:
        ctx.exit(SOME_FAILED)


def _has_screen() -> bool:
    """False over a bare terminal line, where a text browser would take the terminal."""
    return sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def _wanted_rows(extractor: Extractor, options: Mapping[str, Any]) -> Wanted:
    from .review import Wanted

    kinds = extractor.lexicon.taxonomy.values()
    known = {name.lower(): name for kind in kinds for name in (kind.name, kind.event_type)}
    if unknown := [name for name in options["types"] if name.lower() not in known]:
        raise click.UsageError(
            f'--type "{unknown[0]}" is no event or sub-event type: {", ".join(known.values())}'
        )
    types = tuple(known[name.lower()] for name in options["types"])
    since, until = (str(options[name] or "") for name in ("since", "until"))
    return Wanted(options["order"], types, since, until)


def _keep_articles(
    evidence: Provenance, columns: Iterable[str], paths: tuple[str, ...], options: Mapping[str, Any]
) -> bool:
    """Reads the articles that rows are shown in; True where some could not be read."""
    from .events import Failure

    failed = False
    for item in _inputs(paths, options) if paths else ():
        if isinstance(item, Failure):
            failed = True
            click.echo(_one_line(str(item)), err=True)
        else:
            evidence.keep([item])
    if paths and "sentence" not in columns:
        click.echo("the sheet does not say its sentences: reading the articles again", err=True)
        evidence.read_again()
    return failed


def _port(port: int, server: Callable[[int], Server]) -> Server:
    try:
        return server(port)
    except OSError as error:
        raise click.UsageError(f"--port {port} cannot be used: {error.strerror or error}") from None


# ---- explain -----------------------------------------------------------------------------------------


@main.command(context_settings=ENVIRONMENT)
@click.argument("article", required=False, metavar="[TEXT|FILE|-]")
@click.option(
    "--format",
    type=click.Choice(["text", "jsonl"]),
    default="text",
    show_default=True,
    help="Text to read, or one JSON object a sentence.",
)
@article_options
@engine_options
@click.pass_context
def explain(ctx: click.Context, /, article: str | None, **options: Any) -> None:
    """Show what was found in each sentence that may report an event, and why it gave a row or none.

    The argument is a file, - for standard input, or the text itself.
    """
    from .batch import attempt
    from .events import Failure
    from .extract import Extractor
    from .gazetteer.layer import chosen, described

    failed = False
    with _usable():
        extractor = Extractor(_settings(options))
        if (below := chosen(None)) is not None:
            click.echo(f"with the built gazetteer {described(below)}", err=True)
        show = _explainer(options["format"])
        for item in _explained(ctx, article, options):
            found = item if isinstance(item, Failure) else attempt(item, partial(extractor.explain, item))
            if isinstance(item, Failure) or isinstance(found, Failure):
                click.echo(_one_line(str(found)), err=True)
                failed = True
                continue
            for explanation in found:
                show(item, explanation)
    if failed:
        ctx.exit(SOME_FAILED)


def _explained(
    ctx: click.Context, article: str | None, options: Mapping[str, Any]
) -> Iterator[Article | Failure]:
    """The articles that the argument of explain stands for."""
    from .articles import KINDS, read_articles

    if article is None or article == "-":
        return _inputs(_or_stdin(ctx, (article,) if article else ()), options)
    try:
        is_path = Path(article).exists()
    except OSError:  # a text too long for a file name
        is_path = False
    if is_path:
        return _inputs((article,), options)
    if not any(c.isspace() for c in article) and Path(article).suffix.lower() in (*KINDS, ".gz"):
        raise Unusable(f"{article}: no such file")
    return read_articles(
        ["-"],
        stdin=io.BytesIO(article.encode("utf-8", "replace")),
        published=options["published"],
        source=options["source"],
        limit=options["limit"],
    )


def _explainer(form: str) -> Callable[[Article, Explanation], None]:
    if form == "jsonl":
        return _explain_json
    from rich.console import Console

    console = Console(file=_stdout(), highlight=False, soft_wrap=True)
    return lambda article, explanation: _explain_text(console, explanation)


def _explain_json(article: Article, explanation: Explanation) -> None:
    from .columns import row

    record = {
        "article_id": article.id,
        "start": explanation.start,
        "end": explanation.end,
        "sentence": explanation.sentence,
        "outcome": explanation.outcome,
        "findings": [{"kind": kind, "text": text} for kind, text in explanation.findings],
        "events": [row(event, "full") for event in explanation.events],
    }
    _stdout().write(json.dumps(record, ensure_ascii=False) + "\n")


_COLOURS = {
    "trigger": "bold red",
    "actor": "cyan",
    "place": "green",
    "date": "yellow",
    "assertion": "magenta",
}


def _explain_text(console: Console, explanation: Explanation) -> None:
    """A sentence, what was found in it line by line, and its outcome, coloured on a terminal."""
    from rich.text import Text

    console.print(Text(_one_line(explanation.sentence), style="bold"))
    for kind, text in explanation.findings:
        line = Text(f"  {kind + ':':<12}").append(_one_line(text), style=_COLOURS.get(kind, ""))
        console.print(line)
    if explanation.outcome == "row":
        for event in explanation.events:
            console.print(Text("  → ").append(_one_line(_summary(event)), style="bold green"))
    if explanation.outcome != "row" or not explanation.events:
        console.print(Text("  → ").append(_one_line(explanation.outcome), style="dim"))
    console.print()


def _summary(event: Event) -> str:
    """The event in one line, for a person."""
    sides = " / ".join(name for name in (event.actor1, event.actor2) if name)
    day: datetime.date | str = event.event_date or "day not known"
    where = ", ".join(name for name in (event.location, event.admin1) if name) or "place not known"
    return f"{event.sub_event_type}: {sides}; {where}; {day}; {event.fatalities} killed"


# ---- evaluate ----------------------------------------------------------------------------------------


@main.command(context_settings=ENVIRONMENT)
@click.argument("gold", type=TABLE, metavar="GOLD")
@click.argument("rows", type=TABLE, required=False, metavar="[ROWS|-]")
@click.option("-o", "--output", metavar="FILE", help="Write the report here, not to stdout.")
@click.option(
    "--format",
    type=click.Choice(["table", "json"]),
    help="Tables to read, or one JSON object. [default: json where FILE ends so, else table]",
)
@click.option(
    "--show",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="List up to N events that were missed, N rows that were invented and N fields that are wrong.",
)
@jobs_option
@engine_options
@click.pass_context
def evaluate(ctx: click.Context, /, gold: str, rows: str | None, **options: Any) -> None:
    """Say how right rows are, field by field, against rows that a person coded.

    GOLD has ACLED's columns, as an export of ACLED has them (.csv, .json or .jsonl). ROWS is what extract
    wrote, or - for standard input. Without ROWS the notes of GOLD are read as articles, and the rows they
    give are compared with them. GOLD may also be a file of test cases (.toml), as review writes them: each
    text is read, and what differs from the fields it states is listed; the exit code is 1 where one is wrong.
    """
    from .evaluate import pair, report, sections
    from .tables import write_sections

    if gold == "-":
        raise click.UsageError("GOLD must be a file: only ROWS can come from standard input")
    if gold.lower().endswith(".toml"):
        _run_cases(ctx, gold, rows, options)
        return
    form = options["format"] or ("json" if str(options["output"]).endswith(".json") else "table")
    if options["output"] not in (None, "-"):
        _see_that_it_can_be(options["output"], (gold, *filter(None, [rows])))
    wanted = _of_syria(gold, _coded(gold))
    failures = 0
    if rows is None:
        pairing, failures = _from_notes(wanted, options)
    else:
        pairing = pair(wanted, _coded(rows, may_be_empty=True))
    content = report(pairing, options["show"])
    with _report_file(options["output"]) as file:
        if form == "json":
            file.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        else:
            write_sections(sections(content), file)
    if failures:
        ctx.exit(SOME_FAILED)


def _run_cases(ctx: click.Context, path: str, rows: str | None, options: Mapping[str, Any]) -> None:
    """Runs test cases: a line for each that is not simply right, and how many are."""
    from .cases import read_cases, run_cases
    from .extract import Extractor
    from .overlays import OverlayError

    if rows is not None or options["format"] == "json" or options["output"]:
        raise click.UsageError("test cases are run by themselves: leave out ROWS, --format and --output")
    try:
        cases = read_cases(Path(path))
    except OverlayError as error:
        raise Unusable(_one_line(str(error))) from None
    with _usable():
        outcomes = list(run_cases(cases, Extractor(_settings(options)).events))
    told = {"wrong": "wrong", "known": "wrong, as known", "mended": "right now: take its xfail off"}
    for outcome in outcomes:
        if outcome.result in told:
            what = "; ".join([outcome.case.xfail] if outcome.result == "known" else outcome.differences)
            line = ": ".join(part for part in (told[outcome.result], outcome.case.name, what) if part)
            click.echo(_one_line(line))
    counts = [
        sum(one.result == result for one in outcomes) for result in ("right", "wrong", "known", "mended")
    ]
    click.echo("{} right, {} wrong, {} wrong as known, {} mended".format(*counts))
    if counts[1]:
        ctx.exit(SOME_FAILED)


def _coded(path: str, *, may_be_empty: bool = False) -> list[Coded]:
    """The rows of a table; one line and exit code 2 where it cannot be read."""
    from .coded import read_coded
    from .columns import TableError

    try:
        raw = stdin.read() if path == "-" and (stdin := _stdin()) else Path(path).read_bytes()
        return read_coded(raw, path, may_be_empty=may_be_empty)
    except TableError as error:
        raise Unusable(_one_line(str(error))) from None
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or error}") from None


def _of_syria(path: str, coded: list[Coded]) -> list[Coded]:
    kept = [one for one in coded if one.syrian]
    if len(kept) < len(coded):
        click.echo(f"{path}: left out, not of Syria: {_many(len(coded) - len(kept), 'row')}", err=True)
    if not kept:
        raise Unusable(f"{path}: holds no row of Syria")
    return kept


def _from_notes(gold: list[Coded], options: Mapping[str, Any]) -> tuple[Pairing, int]:
    """The gold rows paired with what their notes give, and how many notes could not be read."""
    from .batch import Tally, rows, run
    from .coded import coded, notes_as_articles
    from .columns import row
    from .evaluate import pair_notes
    from .extract import Extractor

    read, articles = notes_as_articles(gold)
    if len(read) < len(gold):
        left = _many(len(gold) - len(read), "row")
        click.echo(f"left out, without a note or with the id of another row: {left}", err=True)
    if not read:
        raise Unusable("no row has a note to read: name the rows to compare, too")
    tally = Tally()
    with _usable(), _progress(options["output"], tally) as (step, say):
        extractor = Extractor(_settings(options))
        events = rows(
            run(articles, extractor, jobs=options["jobs"]),
            extractor.merging,
            scope="article",
            on_failure=lambda failure: say(str(failure)),
            on_article=step,
            tally=tally,
        )
        found = [coded(row(event, "full")) for event in events]
    return pair_notes(read, found), tally.failures


@contextlib.contextmanager
def _report_file(output: str | None) -> Iterator[IO[str]]:
    """Standard output, or a file that takes its name when all is written."""
    from .tables import replacing

    if output in (None, "-"):
        yield _stdout()
        return
    try:
        with replacing(Path(str(output))) as raw:
            text = io.TextIOWrapper(raw, encoding="utf-8", newline="")
            yield text
            text.flush()
            text.detach()
    except OSError as error:
        raise Unusable(f"{output}: cannot be written: {error.strerror or error}") from None


# ---- report, summary ---------------------------------------------------------------------------------

MOST_COMPLAINTS = 20  # lines; the rest is counted


def _table(path: str) -> Table:
    """The events of a file, what could not be used in it told; one line and exit code 2 where it holds none."""
    from .columns import TableError
    from .readers import read_table

    try:
        table = read_table(path, _stdin() if path == "-" else None)
    except TableError as error:
        raise Unusable(_one_line(str(error))) from None
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or error}") from None
    for complaint in table.complaints[:MOST_COMPLAINTS]:
        click.echo(_one_line(complaint), err=True)
    if (more := len(table.complaints) - MOST_COMPLAINTS) > 0:
        click.echo(f"{path}: and {more} more like these", err=True)
    return table


@main.command(context_settings=ENVIRONMENT)
@click.argument("events", type=EVENTS, required=False, metavar="[EVENTS|-]")
@click.option(
    "-o", "--output", metavar="FILE", help="The page. [default: report.html, unless --png or --svg]"
)
@click.option("--png", metavar="FILE", help="Map and timeline as a picture for a bulletin.")
@click.option("--svg", metavar="FILE", help="The same as a drawing that can be scaled and edited.")
@click.option("--title", metavar="TEXT", help="What stands over it. [default: Conflict events in Syria]")
@click.pass_context
def report(ctx: click.Context, /, events: str | None, **options: Any) -> None:
    """Write a page that shows the events of a file: map, timeline, actors, table and evidence.

    The page is one HTML file that works offline and can be sent by e-mail. EVENTS is what extract or update
    wrote, or an export of ACLED: .csv .xlsx .ods .json .jsonl .geojson .parquet, or - for standard input;
    with --columns full each row shows the sentence it came from. Exit code 1 says that cells in it could not
    be read; each is named.
    """
    from .tables import replacing

    (path,) = _or_stdin(ctx, (events,) if events else ())
    targets = {kind: options[kind] for kind in ("png", "svg") if options[kind]}
    if options["output"] or not targets:
        targets["html"] = options["output"] or "report.html"
    for target in targets.values():
        _see_that_it_can_be(target, (path,))
    if len({os.path.realpath(target) for target in targets.values()}) < len(targets):
        raise click.UsageError("two of the files to write are one")
    draw = _drawing(targets.keys() - {"html"})
    table = _table(path)
    about = "" if path == "-" else Path(path).name
    for kind, target in targets.items():
        content = (
            _page(table, options["title"], about)
            if kind == "html"
            else draw(kind, table, options["title"], about)
        )
        try:
            with replacing(Path(target)) as file:
                file.write(content)
        except OSError as error:
            raise click.ClickException(f"cannot write {target}: {error.strerror or error}") from None
    if table.complaints:
        ctx.exit(SOME_FAILED)


def _drawing(forms: Iterable[str]) -> Callable[[str, Table, str | None, str], bytes]:
    """What draws a picture in these forms, if there are any; one line and exit code 2 where nothing can."""
    from .picture import missing, picture
    from .report import TITLE

    if list(forms) and (reason := missing()):
        raise click.UsageError(reason)
    return lambda form, table, title, about: picture(table.events, form, title=title or TITLE, about=about)


def _page(table: Table, title: str | None, about: str) -> bytes:
    from .report import TITLE, page

    return page(table, title=title or TITLE, about=about)


@main.command(context_settings=ENVIRONMENT)
@click.argument("events", type=EVENTS, required=False, metavar="[EVENTS|-]")
@click.option("-o", "--output", metavar="FILE", help="Write the figures here, not to stdout.")
@click.option(
    "--format",
    type=click.Choice(["table", "json"]),
    help="Tables to read, or one JSON object. [default: json where FILE ends so, else table]",
)
@click.option(
    "--by",
    type=click.Choice(["day", "week", "month", "year"]),
    help="What the timeline is cut into; weeks begin on Saturday, as ACLED's do. [default: what fits]",
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="Most lines of a table of actors, pairs or sub-event types; JSON has them all.",
)
@click.pass_context
def summary(ctx: click.Context, /, events: str | None, **options: Any) -> None:
    """Count the events of a file: by type, governorate, time, actors, deaths and confidence.

    EVENTS is what extract or update wrote, or an export of ACLED: .csv .xlsx .ods .json .jsonl .geojson
    .parquet, or - for standard input. Exit code 1 says that cells in it could not be read; each is named.
    """
    from .figures import figures, sections
    from .tables import write_sections

    (path,) = _or_stdin(ctx, (events,) if events else ())
    if options["output"] not in (None, "-"):
        _see_that_it_can_be(options["output"], (path,))
    form = options["format"] or ("json" if str(options["output"]).endswith(".json") else "table")
    table = _table(path)
    content = figures(table.events, options["by"])
    with _report_file(options["output"]) as file:
        if form == "json":
            file.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        else:
            write_sections(sections(content, options["top"]), file)
    if table.complaints:
        ctx.exit(SOME_FAILED)


# ---- gazetteer ---------------------------------------------------------------------------------------


@main.group()
def gazetteer() -> None:
    """Look places up in the gazetteer, and check a table of your own."""


own_places = _options(
    click.option("--gazetteer", type=FOLDER, help="Folder with a places.csv of your own."), layer_option
)
records_format = click.option(
    "--format",
    type=click.Choice(["table", "jsonl", "csv"]),
    help="How the answers are written. [default: table on a terminal, else csv]",
)


def _country(ctx: click.Context, option: click.Parameter, code: str) -> str:
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        raise click.BadParameter(f"{code!r} is no code of two letters, such as SY")
    return code.upper()


# A latitude below zero is no option.
NUMBERS = {**ENVIRONMENT, "ignore_unknown_options": True}


def _most(number: int) -> Callable[[Command], Command]:
    return click.option(
        "--limit",
        type=click.IntRange(min=1),
        default=number,
        show_default=True,
        metavar="N",
        help="Most places to give.",
    )


@gazetteer.command(context_settings=ENVIRONMENT)
@click.argument("name", nargs=-1, metavar="[NAME|-]")
@records_format
@_most(5)
@own_places
@click.pass_context
def lookup(
    ctx: click.Context, /, name: tuple[str, ...], format: str | None, limit: int, gazetteer: Path | None
) -> None:
    """Find places by name, in any spelling, the likeliest first.

    Behind a comma the name may say what the place lies in: "Suran, Hama". With - the names are read from
    standard input, one a line, and each gets one line of answer: the likeliest place, or the name with
    empty coordinates where there is none.
    """
    from .lookup import COLUMNS, Finder

    (query,) = _or_stdin(ctx, (" ".join(name),) if name else ())
    with _usable():
        finder = Finder(gazetteer)
    if query == "-":
        _answer((finder.best(line) for line in _lines()), COLUMNS, format)
        return
    found = finder.find(query, limit)
    if not found:
        raise click.ClickException(f'no place is called "{query}", nor nearly so')
    _answer(found, COLUMNS, format)


@gazetteer.command(context_settings=NUMBERS)
@click.argument("latitude", type=click.FloatRange(-90, 90))
@click.argument("longitude", type=click.FloatRange(-180, 180))
@records_format
@_most(10)
@own_places
def near(latitude: float, longitude: float, format: str | None, limit: int, gazetteer: Path | None) -> None:
    """List the places nearest to a point given in degrees, up to 25 km away."""
    from .lookup import NEAR_COLUMNS, Finder

    with _usable():
        finder = Finder(gazetteer)
    found = finder.near(latitude, longitude, limit)
    if not found:
        raise click.ClickException(f"no place within 25 km of {latitude}, {longitude}")
    _answer(found, NEAR_COLUMNS, format)


@gazetteer.command(context_settings=ENVIRONMENT)
@click.option(
    "--country",
    default="SY",
    show_default=True,
    metavar="CC",
    callback=_country,
    help="Country to build, an ISO code of two letters.",
)
@click.option(
    "--from",
    "origin",
    envvar="CONFLICT_EVENTS_FROM",
    metavar="FILE|URL",
    help="The dump: a .zip, .gz or .txt. [default: GeoNames' server]",
)
@click.option(
    "--output",
    metavar="DIR",
    help="Folder to build into. [default: the user's data folder, where it is found again]",
)
def build(country: str, origin: str | None, output: str | None) -> None:
    """Add GeoNames' full list of a country's places under the packaged gazetteer.

    It is downloaded, or taken from a file, compared with the packaged places, and kept in a folder of yours.
    Syria's is used from then on by all commands, that of another country with --layer CC. An earlier one is
    replaced only when all is done; a download that breaks off is continued the next time.
    """
    from .gazetteer import GazetteerError
    from .gazetteer.layer import home

    folder = Path(output) if output else home(country)
    try:
        with _building() as progress:
            built = _build(country, origin, folder, progress)
    except GazetteerError as error:
        raise Unusable(_one_line(str(error))) from None
    except OSError as error:
        raise Unusable(f"{error.filename or folder}: {error.strerror or error}") from None
    rest = f"{built.known} it has already, {built.unused} of no use for placing events"
    new = f"{_many(built.places, 'place')} and {_many(built.spellings, 'spelling')} more"
    click.echo(f"{new} than the packaged gazetteer; {rest}: {folder}", err=True)


def _build(
    country: str, origin: str | None, folder: Path, progress: Callable[[str, int, int], None]
) -> Built:
    from .gazetteer.build import URL, build
    from .gazetteer.download import fetch, forget

    if folder.exists() and not folder.is_dir():
        raise Unusable(f"{folder} is a file: name a folder with --output")
    source = origin or URL.format(country=country)
    if not source.lower().startswith(("http://", "https://")):
        if not Path(source).is_file():
            raise Unusable(f"{source}: no such file")
        return build(Path(source), country, folder, source=Path(source).name, progress=progress)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{country}.download"
    got = fetch(source, part, progress)
    try:
        return build(part, country, folder, source=source, last_modified=got.last_modified, progress=progress)
    finally:
        forget(part)  # done with, or not what it should be: then the next time begins anew


@contextlib.contextmanager
def _building() -> Iterator[Callable[[str, int, int], None]]:
    """What to call with a stage and how far it is: on a terminal's standard error it is shown."""
    if not sys.stderr.isatty():
        yield lambda stage, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=None)
            bar.update(tasks[stage], completed=done, total=total or None)

        yield show


@gazetteer.command(context_settings=ENVIRONMENT)
@click.argument("folder", type=FOLDER, required=False, metavar="[FOLDER]")
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Instead, compare the points with those of a GeoNames dump or a CSV table of places.",
)
@click.option(
    "--km",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="With --against: how far from its namesake a place may lie.",
)
@layer_option
@click.pass_context
def check(ctx: click.Context, /, folder: Path | None, against: Path | None, km: float) -> None:
    """Say what is wrong with the places.csv of FOLDER, or with the packaged one, a line for each thing.

    Errors (no such district, an id used twice, a point outside Syria) end with exit code 1, warnings with 0.
    """
    if against is not None:
        _compare(folder, against, km)
        return
    from .gazetteer.layer import chosen
    from .gazetteer_check import check

    failed = False
    out = _stdout()
    with _usable():
        built = chosen(None)
    for finding in check(folder, built):
        out.write(_one_line(str(finding)) + "\n")
        failed = failed or finding.error
    if failed:
        ctx.exit(SOME_FAILED)


def _compare(folder: Path | None, against: Path, km: float) -> None:
    from .gazetteer_compare import astray

    with _usable():
        for finding in astray(folder, against, km):
            _stdout().write(_one_line(str(finding)) + "\n")


def _lines() -> Iterator[str]:
    """The lines of standard input, whatever its bytes, without their ends."""
    for line in _stdin() or ():
        yield line.decode("utf-8", "replace").lstrip("\ufeff").rstrip("\r\n")


def _answer(records: Iterable[Mapping[str, Any]], columns: tuple[str, ...], form: str | None) -> None:
    from .tables import write_records

    write_records(records, columns, _stdout(), form or ("table" if sys.stdout.isatty() else "csv"))
