"""`update`: a sheet that grows by itself, and people who work in it."""

from __future__ import annotations

import csv
import os
import random
import signal
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from newsroom import FIRST, REBELS, Apart, bare, edit, expected, news, rows, told, update

from conflict_events import sheet as sheets
from conflict_events.columns import ACLED
from conflict_events.events import Article
from conflict_events.holding import Locked, SheetError
from conflict_events.sheet import Keeper, Wanted
from conflict_events.state import StateError

FORMS = ["csv", "xlsx", "ods"]
ID, DATE, NOTES, DEAD = (list(ACLED).index(n) for n in ("event_id_cnty", "event_date", "notes", "fatalities"))


@pytest.fixture(params=FORMS)
def sheet(request, tmp_path) -> Path:
    return tmp_path / f"events.{request.param}"


def article(name: str, *events, text: str = "") -> tuple[Article, list]:
    return Article(text or f"Text of {name}.", id=name), [replace(e, article_id=(name,)) for e in events]


CLASH = told("a1", FIRST, 0)
STRIKE = told("a2", FIRST, 1, "Air/drone strike", 3)


# ---- growing ----


def test_the_first_run_creates_the_sheet_and_later_ones_append(sheet):
    first = update(sheet, [article("a1", CLASH)])
    assert [e.location for e in first.added] == ["Tell Amber"]
    second = update(sheet, [article("a1", CLASH), article("a2", STRIKE)])
    assert second.articles == 1 and [e.location for e in second.added] == ["Tell Aspen"]
    assert [bare(e) for e in rows(sheet)] == [bare(CLASH), bare(STRIKE)]
    before = sheet.read_bytes()
    update(sheet, [article("a2", STRIKE)])
    assert sheet.read_bytes() == before


def test_a_sheet_without_events_has_its_header(sheet):
    update(sheet, [])
    assert rows(sheet) == []
    update(sheet, [article("a1", CLASH)])
    assert len(rows(sheet)) == 1


def test_batches_give_what_one_extract_gives(sheet):
    articles = news(120)
    for start in range(0, 120, 20):
        update(sheet, articles[start : start + 20])
    assert sorted(map(bare, rows(sheet)), key=str) == sorted(map(bare, expected(articles)), key=str)


def test_the_filter_of_a_workbook_reaches_over_the_new_rows(tmp_path):
    import openpyxl

    path = tmp_path / "events.xlsx"
    for number in (1, 2):
        update(path, [article(f"a{number}", told(f"a{number}", FIRST, number))])
        sheet = openpyxl.load_workbook(path)["events"]
        assert sheet.auto_filter.ref == f"A1:AE{number + 1}" and sheet.freeze_panes == "A2"
        with zipfile.ZipFile(path) as package:
            assert f"$A$1:$AE${number + 1}<".encode() in package.read("xl/workbook.xml")


def test_hashtags_stay_above_the_rows(sheet):
    from conflict_events.tables import Options

    for name, event in (("a1", CLASH), ("a2", STRIKE)):
        update(sheet, [article(name, event)], options=Options(hxl=True))
    assert len(rows(sheet)) == 2


def test_events_of_one_id_get_a_row_each(sheet):
    three = [
        article(name, replace(CLASH, fatalities=dead)) for name, dead in (("a1", 1), ("b1", 2), ("c1", 3))
    ]
    update(sheet, three[:2], desk=Apart)
    update(sheet, three, desk=Apart)
    assert [row.fatalities for row in rows(sheet)] == [1, 2, 3]
    update(sheet, [article("b1", replace(CLASH, fatalities=5), text="Corrected.")], desk=Apart)
    edit(sheet, lambda cells: cells.insert(1, cells[3]))
    state(sheet).unlink()
    assert not update(sheet, three[:2], desk=Apart).added


# ---- later articles ----


def test_a_row_nobody_touched_learns_from_later_articles_and_keeps_its_id(sheet):
    update(sheet, [article("a1", told("a1", FIRST, 0, actor2="", inter2=0, geo_precision=1))])
    (before,) = rows(sheet)
    done = update(sheet, [article("b2", told("b2", FIRST, 0, dead=4))])
    (after,) = rows(sheet)
    assert after.event_id_cnty == before.event_id_cnty and not done.added
    assert after.actor2 == REBELS and after.fatalities == 4 and after.source == ("Paper 1", "Paper 2")
    assert done.changed[after.event_id_cnty]["fatalities"] == (before.fatalities, 4) or sheet.suffix == ".csv"


def test_no_refresh_leaves_rows_alone(sheet):
    update(sheet, [article("a1", CLASH)])
    before = sheet.read_bytes()
    update(sheet, [article("b2", told("b2", FIRST, 0, dead=4))], refresh=False)
    assert sheet.read_bytes() == before


def test_a_changed_article_is_read_again_and_its_old_text_no_longer_counts(sheet):
    update(sheet, [article("a1", told("a1", FIRST, 0, dead=9))])
    update(sheet, [article("a1", told("a1", FIRST, 0, dead=7), text="Corrected.")])
    (row,) = rows(sheet)
    assert row.fatalities == 7
    update(sheet, [article("a1", told("a1", FIRST, 3, dead=7), text="All else.")])
    assert [row.location for row in rows(sheet)] == ["Tell Amber", "Tell Basil"]


def test_copies_of_an_article_are_not_read_but_named(sheet):
    text = "Fighters clashed at Tell Amber on Friday, and two roads were closed. " * 9
    update(sheet, [article("a1", CLASH, text=text)], columns="full")
    copies = [
        (Article(f"{text}\nReporting by Rana Khalil.", id=name, source=by), [STRIKE])
        for name, by in (("b1", "Orchard Times"), ("c1", "River Post"))
    ]
    done = update(sheet, copies, columns="full")
    assert done.articles == 0 and len(done.changed) == 1
    (row,) = rows(sheet)
    assert row.article_id == ("a1", "b1", "c1") and row.source == ("Paper 1", "Orchard Times", "River Post")
    assert update(sheet, copies, columns="full").changed == {}


def test_a_copy_that_has_a_date_is_read_in_the_place_of_one_that_has_none(sheet):
    text = "Fighters clashed at Tell Amber on Friday, and two roads were closed. " * 9
    undated = replace(CLASH, event_date=None, time_precision=None)
    update(sheet, [article("a1", undated, text=text)], columns="full")
    dated = Article(text, id="b1", published=FIRST)
    update(sheet, [(dated, [replace(CLASH, article_id=("b1",))])], columns="full")
    assert [(row.event_date, row.article_id) for row in rows(sheet)] == [
        (None, ("a1",)), (FIRST, ("b1", "a1")),
    ]  # fmt: skip


# ---- people ----


def test_a_row_that_a_person_changed_is_never_rewritten(sheet):
    update(sheet, [article("a1", CLASH)])
    edit(sheet, lambda cells: cells[1].__setitem__(NOTES, "Checked by phone."))
    done = update(sheet, [article("b2", told("b2", FIRST, 0, dead=4)), article("a2", STRIKE)])
    first, second = rows(sheet)
    assert (first.notes, first.fatalities, first.source) == ("Checked by phone.", 0, ("Paper 1",))
    assert done.edited == [first.event_id_cnty] and second.location == "Tell Aspen"


def test_a_deleted_row_stays_deleted(sheet):
    update(sheet, [article("a1", CLASH), article("a2", STRIKE)])
    edit(sheet, lambda cells: cells.pop(1))
    update(sheet, [article("b2", told("b2", FIRST, 0, dead=4)), article("c3", told("c3", FIRST, 2))])
    assert [row.location for row in rows(sheet)] == ["Tell Aspen", "Tell Birch"]


def test_columns_and_rows_of_people_stay_and_rows_may_be_sorted(sheet):
    update(sheet, [article("a1", CLASH), article("a2", STRIKE)])

    def work(cells):
        for row, text in zip(cells, ("checked", "yes", "no"), strict=True):
            row.append(text)
        own = [None if sheet.suffix != ".csv" else ""] * len(cells[0])
        own[NOTES], own[-1] = "a row of our own", "mine"
        cells[1:] = [cells[2], cells[1], own]

    edit(sheet, work)
    update(sheet, [article("b2", told("b2", FIRST, 0, dead=4)), article("c3", told("c3", FIRST, 2))])
    kept: list = []
    edit(sheet, lambda cells: kept.extend(cells))
    mine = {str(row[ID]): row[len(ACLED)] for row in kept if len(row) > len(ACLED)}
    by_place = {row.location: row for row in rows(sheet)}
    assert by_place["Tell Amber"].fatalities == 4 and "Tell Birch" in by_place
    assert mine[by_place["Tell Amber"].event_id_cnty] == "yes"
    assert mine[by_place["Tell Aspen"].event_id_cnty] == "no"
    assert kept[0][-1] == "checked" and kept[3][NOTES] == "a row of our own" and kept[3][-1] == "mine"


def test_what_else_is_in_a_workbook_survives(tmp_path):
    import openpyxl
    from openpyxl.chart import BarChart, Reference
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill
    from openpyxl.worksheet.table import Table

    path = tmp_path / "events.xlsx"
    update(path, [article("a1", CLASH), article("a2", STRIKE)])
    book = openpyxl.load_workbook(path)
    sheet = book["events"]
    sheet["AF1"], sheet["AF2"] = "doubled", "=AC2*2"
    sheet["H2"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet["H2"].comment = Comment("Ask the desk in Homs", "Rana")
    sheet.auto_filter.ref = None
    sheet.add_table(Table(displayName="Events", ref="A1:AE3"))
    other = book.create_sheet("Sums", 0)
    other["A1"] = "=SUM(events!AC:AC)"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=29, min_row=1, max_row=3))
    other.add_chart(chart, "C3")
    book.save(path)
    update(path, [article("b2", told("b2", FIRST, 0, dead=4)), article("c3", told("c3", FIRST, 2))])
    book = openpyxl.load_workbook(path)
    sheet = book["events"]
    assert book.sheetnames == ["Sums", "events"] and book["Sums"]["A1"].value == "=SUM(events!AC:AC)"
    assert len(book["Sums"]._charts) == 1
    assert sheet["AF2"].value == "=AC2*2" and sheet["H2"].fill.fgColor.rgb == "00FFFF00"
    assert sheet["H2"].comment.text == "Ask the desk in Homs" and sheet["AC2"].value == 4
    assert sheet.tables["Events"].ref == "A1:AE4" and sheet["H4"].value == CLASH.actor1
    assert sheet["B4"].is_date and sheet["B4"].value.date() == FIRST


def test_a_sheet_that_excel_saved_in_the_style_of_a_country_is_still_ours(tmp_path):
    path = tmp_path / "events.csv"
    update(path, [article("a1", CLASH), article("a2", STRIKE)])
    styles = {"2024-11-01": "01/11/2024", "35.0000": "35", "36.5000": "36,5"}
    with path.open(newline="") as file:
        cells = [[styles.get(cell, cell) for cell in row] for row in csv.reader(file)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(cells)
    done = update(path, [article("b2", told("b2", FIRST, 0, dead=4)), article("c3", told("c3", FIRST, 2))])
    assert len(done.changed) == 1 and len(done.added) == 1 and not done.edited
    lines = path.read_bytes().decode("utf-8-sig").split("\r\n")
    assert len(lines) == 5 and lines[3].count(";") == len(ACLED) - 1 and ";2024-11-01;" in lines[3]


# ---- the state ----


def test_the_state_can_be_deleted(sheet):
    articles = [article("a1", told("a1", FIRST, 0, actor2="", inter2=0)), article("a2", STRIKE)]
    update(sheet, articles)
    articles.append(article("b2", told("b2", FIRST, 0, dead=4)))
    update(sheet, articles)
    before = rows(sheet)
    state(sheet).unlink()
    done = update(sheet, articles)
    assert rows(sheet) == before and not done.added and not done.changed
    update(sheet, [*articles, article("c3", told("c3", FIRST, 0, dead=2))])
    assert [row.fatalities for row in rows(sheet)] == [2, 3]


def test_without_state_and_articles_a_later_article_still_finds_the_row(sheet):
    update(sheet, [article("a1", CLASH), article("a2", STRIKE)])
    state(sheet).unlink()
    done = update(sheet, [article("b2", told("b2", FIRST, 0, dead=4)), article("c3", told("c3", FIRST, 2))])
    assert [e.location for e in done.added] == ["Tell Birch"] and len(rows(sheet)) == 3


def test_a_row_changed_while_there_was_no_state_is_a_persons(sheet):
    update(sheet, [article("a1", CLASH)])
    edit(sheet, lambda cells: cells[1].__setitem__(NOTES, "Checked."))
    state(sheet).unlink()
    update(sheet, [article("a1", CLASH), article("b2", told("b2", FIRST, 0, dead=4))])
    assert [(row.notes, row.fatalities) for row in rows(sheet)] == [("Checked.", 0)]


def test_a_sheet_that_was_removed_is_made_anew(sheet):
    update(sheet, [article("a1", CLASH), article("a2", STRIKE)])
    before = rows(sheet)
    sheet.unlink()
    update(sheet, [])
    assert rows(sheet) == before


def test_a_damaged_state_says_what_to_do(sheet):
    update(sheet, [article("a1", CLASH)])
    state(sheet).write_bytes(b"no database at all" * 100)
    with pytest.raises(StateError, match="delete it"):
        update(sheet, [])


def state(sheet: Path) -> Path:
    return sheet.with_name(f".{sheet.name}.state")


def test_nothing_lies_about_but_the_state(sheet):
    update(sheet, [article("a1", CLASH)])
    assert sorted(p.name for p in sheet.parent.iterdir()) == sorted([sheet.name, state(sheet).name])


# ---- what can be in the way ----


def test_a_second_run_at_once_is_told_who_is_at_work(sheet):
    with Keeper(sheet, Wanted()), pytest.raises(Locked, match=rf"process {os.getpid()} on \S+ since 20"):
        Keeper(sheet, Wanted())
    update(sheet, [])


def test_the_lock_of_a_process_that_died_is_no_lock(sheet):
    child = os.fork()
    if child == 0:
        keeper = Keeper(sheet, Wanted())
        os.kill(os.getpid() if keeper else 0, signal.SIGKILL)
    os.waitpid(child, 0)
    assert sheet.with_name(f".{sheet.name}.lock").exists()
    update(sheet, [article("a1", CLASH)])
    assert len(rows(sheet)) == 1


@pytest.mark.parametrize(
    ("mark", "content", "told_of"),
    [
        ("~$events.xlsx", b"\x04Rana" + b" " * 60, "open in Excel (by Rana)"),
        (".~lock.events.xlsx#", b",rana,desk2,22.11.2024 10:00,file:///x;", "LibreOffice (by rana desk2)"),
    ],
)
def test_a_sheet_that_is_open_is_left_alone_and_the_next_run_goes_on(tmp_path, mark, content, told_of):
    path = tmp_path / "events.xlsx"
    update(path, [article("a1", CLASH)])
    before = path.read_bytes()
    (tmp_path / mark).write_bytes(content)
    update(path, [])
    with pytest.raises(SheetError) as error:
        update(path, [article("a2", STRIKE)])
    assert told_of in str(error.value) and f"delete {mark}" in str(error.value)
    assert path.read_bytes() == before
    (tmp_path / mark).unlink()
    done = update(path, [article("a2", STRIKE)])
    assert done.articles == 0 and len(rows(path)) == 2


def breaks(number, place, value):
    return lambda cells: cells[number].__setitem__(place, value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (breaks(0, DEAD, "deaths"), r'lacks the column "fatalities": put it back'),
        (breaks(0, NOTES, "fatalities"), "two columns are called"),
        (breaks(0, ID, "id"), "event_id_cnty"),
        (breaks(1, DATE, "the day after"), r'row 2: event_date "the day after" is no date'),
    ],
)
def test_a_broken_sheet_is_left_alone_and_the_message_says_what_to_do(sheet, change, message):
    update(sheet, [article("a1", CLASH)])
    edit(sheet, change)
    before = sheet.read_bytes()
    with pytest.raises(SheetError, match=message) as error:
        update(sheet, [article("a2", STRIKE)])
    assert "\n" not in str(error.value) and sheet.read_bytes() == before


@pytest.mark.parametrize("form", ["xlsx", "ods"])
@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_workbook_is_left_alone(tmp_path, form, content):
    path = tmp_path / f"events.{form}"
    path.write_bytes(content)
    with pytest.raises(SheetError, match="not a readable"):
        update(path, [article("a1", CLASH)])
    assert path.read_bytes() == content


def test_a_full_disk_changes_nothing_and_the_next_run_goes_on(sheet, monkeypatch):
    update(sheet, [article("a1", CLASH)])
    before = sheet.read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(SheetError, match="No space left"):
            update(sheet, [article("a2", STRIKE)])
    assert sheet.read_bytes() == before and len(list(sheet.parent.iterdir())) == 2
    update(sheet, [])
    assert len(rows(sheet)) == 2


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    folder = tmp_path / "closed"
    folder.mkdir()
    with pytest.raises(SheetError, match="does not exist"):
        update(tmp_path / "none" / "events.csv", [])
    folder.chmod(0o555)
    if os.geteuid() == 0:
        tmp_path.chmod(0o755)
        for parent in tmp_path.parents[:3]:
            parent.chmod(parent.stat().st_mode | 0o011)
        os.seteuid(65534)
    try:
        with pytest.raises(SheetError, match="cannot be written: Permission denied"):
            update(folder / "events.csv", [])
    finally:
        if os.getuid() == 0:
            os.seteuid(0)


def test_a_person_who_saves_while_the_run_is_at_work_loses_nothing(sheet, monkeypatch):
    update(sheet, [article("a1", CLASH)])
    saved = []

    original = sheets._write

    def write(copy, content, place):
        original(copy, content, place)
        if not saved:
            saved.append(edit(sheet, lambda cells: cells[1].__setitem__(NOTES, "Meanwhile.")))

    monkeypatch.setattr("conflict_events.sheet._write", write)
    update(sheet, [article("a2", STRIKE)])
    assert rows(sheet)[0].notes == "Meanwhile." and len(rows(sheet)) == 2


# ---- broken off ----


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_run_killed_anywhere_leaves_a_whole_sheet_and_the_next_completes_it(tmp_path, form):
    articles = news(12, seed=5)
    wanted = sorted((bare(e) for e in expected(articles)), key=str)
    path = tmp_path / f"events.{form}"
    update(path, articles[:6])
    old, lines = path.read_bytes(), counted(path, articles, tmp_path)
    remembered = state(path).read_bytes()
    update(path, articles[6:])
    new = sorted((bare(e) for e in rows(path)), key=str)
    assert new == wanted
    chance = random.Random(7)
    for point in sorted(chance.sample(range(1, lines), 50 if form == "csv" else 10)):
        path.write_bytes(old)
        state(path).write_bytes(remembered)
        killed_at(point, path, articles[6:])
        if path.read_bytes() != old:
            assert sorted((bare(e) for e in rows(path)), key=str) == wanted, point
        update(path, articles[6:])
        assert sorted((bare(e) for e in rows(path)), key=str) == wanted, point
        assert len(list(tmp_path.glob(".events*"))) == 1, point
        update(path, articles)
        assert sorted((bare(e) for e in rows(path)), key=str) == wanted, point


def traced(stop):
    """A trace function that calls `stop` with the number of each line of ours that is about to run."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        name = Path(frame.f_code.co_filename).stem
        if name not in ("sheet", "state", "spreadsheets", "holding"):
            return None
        if event == "line":
            count += 1
            stop(count)
        return trace

    return trace


def counted(path, articles, folder) -> int:
    """The number of lines of ours that the second half of the articles takes."""
    import shutil
    import sys

    copy = folder / "count"
    copy.mkdir()
    for file in (path, state(path)):
        shutil.copy(file, copy / file.name)
    numbers = [0]
    sys.settrace(traced(lambda count: numbers.__setitem__(0, count)))
    update(copy / path.name, articles[6:])
    sys.settrace(None)
    return numbers[0]


def killed_at(point: int, path: Path, articles) -> None:
    import sys

    child = os.fork()
    if child == 0:
        sys.settrace(traced(lambda count: count < point or os.kill(os.getpid(), signal.SIGKILL)))
        update(path, articles)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, status


def test_old_bytes_of_a_broken_database_are_rolled_back(tmp_path):
    path = tmp_path / "events.csv"
    update(path, [article("a1", CLASH)])
    with sqlite3.connect(state(path)) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)


# ---- what must hold ----


@pytest.mark.parametrize("form", FORMS)
def test_a_thousand_articles_in_twenty_batches_with_people_between(tmp_path, form):
    size = {"csv": 1000, "xlsx": 200, "ods": 60}[form]
    articles = news(size, seed=11)
    path = tmp_path / f"events.{form}"
    chance = random.Random(3)
    edited: dict[str, str] = {}
    deleted: set[str] = set()
    ids: dict[str, str] = {}
    step = size // 20
    for batch in range(20):
        done = update(path, articles[batch * step : (batch + 1) * step])
        ids |= {event.event_id_cnty: event.event_id_cnty for event in done.added}
        if batch % 3 == 1:

            def work(cells):
                live = [r for r in cells[1:] if r[ID] not in edited]
                chosen = chance.choice(live)
                chosen[NOTES] = edited[chosen[ID]] = f"Edited after batch {batch}."  # noqa: B023
                cells.remove(gone := chance.choice([r for r in live if r is not chosen]))
                deleted.add(gone[ID])
                if form == "csv":
                    cells[1:] = chance.sample(cells[1:], len(cells) - 1)

            edit(path, work)
    found = {row.event_id_cnty: row for row in rows(path)}
    assert len(found) == len(rows(path)) and not deleted & set(found)
    stories = expected(articles)
    assert len(found) + len(deleted) == len(stories)
    untouched = sorted((bare(r) for id, r in found.items() if id not in edited), key=str)
    left = sorted(map(bare, stories), key=str)
    for row in untouched:
        left.remove(row)
    assert len(left) == len(edited) + len(deleted)
    assert {id: found[id].notes for id in edited} == edited
