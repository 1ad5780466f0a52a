"""`review`: decisions on the rows of a sheet, kept whatever happens, and written as a person would."""

from __future__ import annotations

import csv
import os
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from newsroom import FIRST, edit, rows, told, update

from conflict_events import corrections
from conflict_events.columns import FULL, row
from conflict_events.corrections import CorrectionError, Corrector
from conflict_events.events import Article
from conflict_events.gazetteer import Gazetteer
from conflict_events.holding import Locked, SheetError, beside, held
from conflict_events.journal import Journal, JournalError
from conflict_events.lexicon import load
from conflict_events.review import Review, Saved, Wanted
from conflict_events.tables import Options, write_events

LEXICON, GAZETTEER = load(), Gazetteer.load(layer="none")
EVENTS = [
    replace(told(f"a{n}", FIRST, n, dead=n, sentence=f"Sentence {n}."), confidence=0.9 - n / 10)
    for n in range(6)
]
IDS = [event.event_id_cnty for event in EVENTS]


def reviewing(path: Path) -> Review:
    return Review(path, LEXICON, GAZETTEER)


@pytest.fixture(params=["csv", "tsv", "xlsx", "ods"])
def sheet(request, tmp_path) -> Path:
    path = tmp_path / f"events.{request.param}"
    if request.param == "tsv":
        comma = tmp_path / "made.csv"
        write_events(EVENTS, comma, columns="full")
        with comma.open(newline="") as old, path.open("w", newline="") as new:
            csv.writer(new, delimiter="\t").writerows(csv.reader(old))
    else:
        write_events(EVENTS, path, columns="full")
    return path


@pytest.fixture(params=["csv", "xlsx", "ods"])
def edited(request, tmp_path) -> Path:
    """A sheet of the kinds that people of the tests can edit."""
    path = tmp_path / f"events.{request.param}"
    write_events(EVENTS, path, columns="full")
    return path


@pytest.fixture
def book(tmp_path) -> Path:
    path = tmp_path / "events.xlsx"
    write_events(EVENTS, path, columns="full")
    return path


def found(path: Path) -> list:
    if path.suffix == ".tsv":
        with path.open(newline="") as old, path.with_suffix(".read.csv").open("w", newline="") as new:
            csv.writer(new).writerows(csv.reader(old, delimiter="\t"))
        path = path.with_suffix(".read.csv")
    return rows(path)


# ---- what follows from a field ----


def test_a_place_brings_its_unit_its_point_and_its_precision():
    before = row(replace(EVENTS[0], geo_precision=2), "full")
    cells = Corrector(LEXICON, GAZETTEER).correct("place", "tiba-dara", before).cells
    place = GAZETTEER.places["tiba-dara"]
    assert cells["location"] == "Tiba" and cells["admin1"] == cells["admin2"] == cells["admin3"] == "Dara"
    assert (cells["latitude"], cells["longitude"]) == (place.latitude, place.longitude)
    assert cells["place_id"] == "tiba-dara" and cells["geo_precision"] == 2
    assert "event_id_cnty" not in cells and "notes" not in cells  # the note was worded by somebody
    assert corrections.place_cells(place, {**before, "geo_precision": 3})["geo_precision"] == 1
    for id, precision in (("hasakah-governorate", 3), ("hasakah-district", 2)):
        assert corrections.place_cells(GAZETTEER.places[id], before)["geo_precision"] == precision


def test_an_actor_brings_its_kind_the_interaction_and_whether_civilians_are_the_target():
    strike = told("a1", FIRST, 1, "Air/drone strike")
    before = row(replace(strike, assoc_actor_2=("Civilians (Syria)", "Women (Syria)")), "full")
    for codes in (False, True):
        cells = Corrector(LEXICON, GAZETTEER, codes).correct("actor2", "civilians", before).cells
        assert cells["actor2"] == "Civilians (Syria)" and cells["assoc_actor_2"] == "Women (Syria)"
        assert cells["inter2"] == (7 if codes else "Civilians")
        assert cells["interaction"] == (17 if codes else "State forces-Civilians")
        assert cells["civilian_targeting"] == "Civilian targeting"
    nobody = Corrector(LEXICON, GAZETTEER).correct("actor2", "", before).cells
    assert nobody["actor2"] is None and nobody["interaction"] == "State forces only"


def test_a_sub_event_type_brings_its_event_type():
    cells = Corrector(LEXICON, GAZETTEER).correct("sub_event_type", "Attack", row(EVENTS[0], "full")).cells
    assert (
        cells["event_type"] == "Violence against civilians" and cells["disorder_type"] == "Political violence"
    )
    assert cells["civilian_targeting"] == "Civilian targeting"


def test_a_note_that_nobody_worded_says_what_the_row_says():
    from conflict_events.notes import note

    event = replace(EVENTS[1], fatalities_text="dozens (assumed: dozens)", fatalities=12)
    before = row(replace(event, notes=note(event, LEXICON)), "full")
    after = Corrector(LEXICON, GAZETTEER).correct("fatalities", "3", before).cells
    assert after["notes"].endswith("3 fatalities reported.")
    again = Corrector(LEXICON, GAZETTEER).correct("event_date", "2024-12-03", {**before, **after}).cells
    assert again["notes"].startswith("On 3 December 2024,") and again["notes"].endswith(
        "3 fatalities reported."
    )
    assert again["year"] == 2024


def test_an_actor_bears_the_name_of_the_corrected_day():
    cells = Corrector(LEXICON, GAZETTEER).correct("event_date", "2025-03-01", row(EVENTS[0], "full")).cells
    assert cells["actor1"] == "Military Forces of Syria (2024-)" and cells["year"] == 2025
    assert "actor2" not in cells
    before = Corrector(LEXICON, GAZETTEER).correct("event_date", "2024-11-20", row(EVENTS[0], "full")).cells
    assert "actor1" not in before


def test_a_village_that_no_table_has_lies_in_the_unit_of_its_neighbour():
    made = Corrector(LEXICON, GAZETTEER).correct(
        "place", {"name": "Karm al-Sayf", "point": "35.8312, 36.7025"}, row(EVENTS[0], "full")
    )
    assert made.cells["location"] == "Karm al-Sayf" and made.cells["admin1"] == "Idleb"
    assert made.value["id"] == "karm-al-sayf" and made.cells["latitude"] == 35.8312


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("place", "nowhere", 'no place has the id "nowhere"'),
        ("place", {"name": "X", "point": "35.8"}, "give the point as latitude, longitude"),
        ("place", {"name": "X", "point": "48.85, 2.35"}, "no place of Syria is within 25 km"),
        ("place", {"name": "=1|2", "point": "35.8, 36.7"}, "give the place a name"),
        ("place", None, "choose a place"),
        ("place", next(p.id for p in GAZETTEER.places.values() if p.country == "IQ"), "lies outside Syria"),
        ("actor1", "", "a row has a first actor"),
        ("actor1", "nobody", 'no actor has the id "nobody"'),
        ("actor2", {"name": "Orchard Brigade", "inter": 9}, "the kind of an actor"),
        ("actor2", {"name": "", "inter": 2}, "give the actor a name"),
        ("sub_event_type", "Battle", '"Battle" is no sub-event type'),
        ("event_date", "03/04/2020", "write the date as 2024-12-03"),
        ("event_date", "1985-10-14", "1985-10-14 cannot be"),
        ("time_precision", "4", "a precision is 1, 2 or 3"),
        ("fatalities", "-1", "deaths are a whole number"),
        ("fatalities", "1e9", "deaths are a whole number"),
        ("notes", "x", "notes is no field that can be corrected"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_remedy(field, value, message):
    with pytest.raises(CorrectionError) as error:
        Corrector(LEXICON, GAZETTEER).correct(field, value, row(EVENTS[0], "full"))
    assert message in str(error.value)


# ---- deciding, undoing, going on ----


def test_decisions_are_written_as_a_person_would_and_nothing_else_is(sheet):
    with reviewing(sheet) as review:
        review.accept(1)
        review.correct(2, "place", "tiba-dara")
        review.correct(2, "fatalities", "7")
        review.reject(3)
        assert [review.state(item) for item in review.items.values()][:4] == [
            "accepted",
            "corrected",
            "rejected",
            "",
        ]
        assert review.unsaved() == 2
        assert review.save() == Saved(1, 1)
        assert review.unsaved() == 0
    after = found(sheet)
    place = GAZETTEER.places["tiba-dara"]
    wanted = replace(
        EVENTS[1], fatalities=7, location="Tiba", admin1="Dara", admin2="Dara", admin3="Dara",
        latitude=place.latitude, longitude=place.longitude, place_id="tiba-dara",
    )  # fmt: skip
    kept = [EVENTS[0], wanted, *EVENTS[3:]]
    assert [row(event, "full") for event in after] == [row(event, "full") for event in kept]


def test_a_review_goes_on_where_it_was_and_undoes_what_was_done_before(sheet):
    with reviewing(sheet) as review:
        review.correct(1, "fatalities", "5")
        review.reject(2)
        review.correct(1, "sub_event_type", "Attack")
        review.accept(4)
    with reviewing(sheet) as review:
        assert [review.state(review.items[n]) for n in (1, 2, 3, 4)] == [
            "corrected",
            "rejected",
            "",
            "accepted",
        ]
        assert [review.undo().number for _ in range(4)] == [4, 1, 2, 1] and review.undo() is None
        assert review.unsaved() == 0 and not any(map(review.state, review.items.values()))
        before = sheet.read_bytes()
        assert review.save() == Saved() and sheet.read_bytes() == before


def test_a_correction_can_be_undone_after_it_was_written_a_rejection_cannot(sheet):
    with reviewing(sheet) as review:
        review.correct(1, "fatalities", "5")
        review.reject(2)
        review.save()
    with reviewing(sheet) as review:
        assert len(review.items) == 5
        assert review.undo().number == 1 and review.undo() is None
        assert review.save() == Saved(1, 0)
    assert [e.fatalities for e in found(sheet)] == [0, 2, 3, 4, 5]


def test_a_line_half_written_is_no_decision(book):
    with reviewing(book) as review:
        review.accept(1)
        review.reject(2)
    journal = beside(book, "review")
    journal.write_bytes(journal.read_bytes()[:-9])
    with reviewing(book) as review:
        assert [review.state(review.items[n]) for n in (1, 2)] == ["accepted", ""]
        review.reject(3)
    with reviewing(book) as review:
        assert [review.state(review.items[n]) for n in (1, 2, 3)] == ["accepted", "", "rejected"]


@pytest.mark.parametrize(
    "line, message",
    [
        (b'{"version": 9}\n', "made by another version"),
        (b'{"version": 1}\nno\n', ":2: damaged"),
        (b'{"version": 1}\n{"undo": true}\n', ":2: damaged"),
        (b'{"version": 1}\n[]\n', ":2: damaged"),
    ],
)
def test_a_damaged_journal_is_told_of(tmp_path, line, message):
    path = tmp_path / "journal"
    path.write_bytes(line)
    with pytest.raises(JournalError, match=message):
        Journal(path)


def test_a_full_disk_leaves_a_journal_that_can_be_gone_on_with(tmp_path, monkeypatch):
    from conflict_events.journal import Decision

    journal = Journal(tmp_path / "journal")
    journal.decide(Decision("a", "accept"))
    real = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(JournalError, match="the last decision is not kept"):
        journal.decide(Decision("b", "accept"))
    monkeypatch.setattr(os, "fsync", real)
    journal.decide(Decision("c", "accept"))
    journal.close()
    assert [d.row for d in Journal(tmp_path / "journal").standing] == ["a", "c"]


def test_killed_after_the_sheet_was_written_nothing_is_decided_anew(sheet, monkeypatch):
    with reviewing(sheet) as review:
        review.correct(1, "fatalities", "5")
        review.reject(2)
        review.accept(3)
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "saved", lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                review.save()
    with reviewing(sheet) as review:
        assert [review.state(item) for item in review.items.values()] == ["corrected", "accepted", "", "", ""]
        assert review.unsaved() == 0 and review.save() == Saved()


# ---- other people at the sheet ----


def test_what_somebody_else_changed_is_not_written_over(edited):
    with reviewing(edited) as review:
        for number in (1, 2, 3, 4):
            if number == 3:
                review.reject(number)
            else:
                review.correct(number, "fatalities", "50")
        edit(edited, _change)
        saved = review.save()
        assert saved == Saved(1, 0, (1, 3))
        assert [review.state(review.items[n]) for n in (1, 2, 3, 4)] == ["", "corrected", "", ""]
        assert review.items[1].changed and not review.items[2].changed
        assert review.items[4].line == 0 and len(review.items) == 7
        review.reject(3)
        assert review.save() == Saved(0, 1)
    after = {event.event_id_cnty: event for event in rows(edited)}
    assert after[IDS[0]].fatalities == 99 and after[IDS[1]].fatalities == 50
    assert after[IDS[1]].notes == "Seen by Rana." and IDS[2] not in after and IDS[3] not in after
    assert "SYR0123456789" in after


def _change(cells: list[list]) -> None:
    """Another count, another note, a row to be rejected that somebody looked at, one deleted, one new."""
    header = cells[0]
    dead, notes, actor = (header.index(name) for name in ("fatalities", "notes", "actor2"))
    cells[1][dead] = 99
    cells[2][notes] = "Seen by Rana."
    cells[3][actor] = "Somebody else"
    cells.append([*cells[5]])
    cells[-1][0] = "SYR0123456789"
    del cells[4]


def test_an_accepted_row_that_changed_is_to_be_looked_at_again(book):
    with reviewing(book) as review:
        review.accept(1)
        review.correct(2, "fatalities", "9")
    edit(book, lambda cells: [line.__setitem__(cells[0].index("fatalities"), 77) for line in cells[1:3]])
    with reviewing(book) as review:
        assert [review.state(review.items[n]) for n in (1, 2)] == ["", ""]
        assert review.items[1].changed and review.items[2].changed


def test_sorted_rows_are_found_again(edited):
    with reviewing(edited) as review:
        review.correct(1, "fatalities", "50")
        review.reject(6)
    edit(edited, lambda cells: cells.__setitem__(slice(1, None), cells[:0:-1]))
    with reviewing(edited) as review:
        assert [review.state(item) for item in review.items.values()] == [
            "rejected",
            "",
            "",
            "",
            "",
            "corrected",
        ]
        review.save()
    assert [event.fatalities for event in rows(edited)] == [4, 3, 2, 1, 50]


def test_rows_of_one_id_are_kept_apart(book):
    edit(book, lambda cells: cells.extend([[*cells[1]], [*cells[1]]]))
    with reviewing(book) as review:
        review.reject(8)
        review.correct(7, "fatalities", "3")
    with reviewing(book) as review:
        assert sorted(map(review.state, review.items.values()))[-2:] == ["corrected", "rejected"]
        review.save()
    assert [e.fatalities for e in rows(book)].count(0) == 1 and len(rows(book)) == 7


def test_update_keeps_what_a_review_did(tmp_path):
    for name in ("events.csv", "events.xlsx", "events.ods"):
        path = tmp_path / name
        articles = [(Article(f"Text {n}.", id=f"a{n}"), [told(f"a{n}", FIRST, n)]) for n in range(3)]
        update(path, articles)
        with reviewing(path) as review:
            review.correct(1, "fatalities", "5")
            review.reject(2)
            review.save()
        later = [(Article(f"Later {n}.", id=f"b{n}"), [told(f"b{n}", FIRST, n, dead=2)]) for n in range(3)]
        done = update(path, later)
        assert not done.added and len(done.edited) == 1 and len(done.deleted) == 1
        assert [event.fatalities for event in rows(path)] == [5, 2]


def test_who_has_the_sheet_is_told(book):
    with held(book, "events.xlsx"), pytest.raises(Locked, match="is being updated by"):
        reviewing(book)
    with reviewing(book) as review:
        review.reject(1)
        with pytest.raises(Locked, match="is being reviewed by"):
            reviewing(book)
        with held(book, "events.xlsx"), pytest.raises(Locked):
            review.save()
        mark = book.with_name(f".~lock.{book.name}#")
        mark.write_text(",Rana,here,")
        before = book.read_bytes()
        with pytest.raises(SheetError, match="is open in LibreOffice"):
            review.save()
        assert book.read_bytes() == before and review.unsaved() == 1
        mark.unlink()
        assert review.save() == Saved(0, 1)
    book.with_name(f"~${book.name}").write_bytes(b"\x04Rana")
    with pytest.raises(SheetError, match="is open in Excel"):
        reviewing(book)


def test_a_sheet_saved_while_it_is_written_is_read_again(book, monkeypatch):
    from conflict_events import review as module

    with reviewing(book) as review:
        review.correct(1, "fatalities", "50")
        real, times = module.replacing, []

        def slowly(path):
            if not times:
                times.append(1)
                edit(book, lambda cells: cells[2].__setitem__(cells[0].index("fatalities"), 88))
            return real(path)

        monkeypatch.setattr(module, "replacing", slowly)
        assert review.save() == Saved(1, 0)
    assert [event.fatalities for event in rows(book)][:2] == [50, 88]


def test_other_kinds_of_files_are_refused_with_a_remedy(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text("{}\n")
    with pytest.raises(SheetError, match=r"review writes into \.csv, \.tsv, \.xlsx and \.ods"):
        reviewing(path)


# ---- what people did to a workbook ----


def test_colours_own_columns_and_other_sheets_stay(book):
    import openpyxl
    from openpyxl.styles import PatternFill

    opened = openpyxl.load_workbook(book)
    cells = opened["events"]
    own = cells.max_column + 1
    cells.cell(1, own, "checked by")
    for number in range(2, 8):
        cells.cell(number, own, f"Rana {number}")
        cells.cell(number, 1).fill = PatternFill("solid", fgColor=f"00FF{number:02}00")
    opened.create_sheet("notes")["A1"] = "ours"
    opened.save(book)
    with reviewing(book) as review:
        review.correct(1, "place", "tiba-dara")
        review.reject(3)
        review.reject(6)
        review.save()
    after = openpyxl.load_workbook(book)
    cells = after["events"]
    assert after["notes"]["A1"].value == "ours"
    assert [cells.cell(n, own).value for n in range(1, 6)] == [
        "checked by",
        "Rana 2",
        "Rana 3",
        "Rana 5",
        "Rana 6",
    ]
    assert [cells.cell(n, 1).fill.fgColor.rgb for n in range(2, 6)] == [f"00FF{n:02}00" for n in (2, 3, 5, 6)]
    assert cells.auto_filter.ref.endswith("5") and cells.max_row == 5 and cells.freeze_panes == "A2"
    with zipfile.ZipFile(book) as package:
        assert b"$5<" in package.read("xl/workbook.xml")


def test_where_formulas_count_rows_a_rejected_row_is_emptied_and_hidden(book):
    import openpyxl

    opened = openpyxl.load_workbook(book)
    cells = opened["events"]
    own = cells.max_column + 1
    dead = list(FULL).index("fatalities") + 1
    letter = openpyxl.utils.get_column_letter(dead)
    for number in range(2, 8):
        cells.cell(number, own, f"={letter}{number}*2")
    opened.create_sheet("sums")["A1"] = f"=SUM(events!{letter}2:{letter}7)"
    opened.save(book)
    with reviewing(book) as review:
        review.reject(3)
        review.save()
        assert len([item for item in review.items.values() if item.line]) == 5
    after = openpyxl.load_workbook(book)
    cells = after["events"]
    assert cells.row_dimensions[4].hidden and all(cell.value is None for cell in cells[4])
    assert (
        cells.cell(5, own).value == f"={letter}5*2"
        and after["sums"]["A1"].value == f"=SUM(events!{letter}2:{letter}7)"
    )
    assert [event.event_id_cnty for event in rows(book)] == IDS[:2] + IDS[3:]


def _with_chain(path: Path, shared: bool) -> None:
    """The workbook as Excel saves it: a chain of calculation, and formulas filled down as shared ones."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name).decode() for name in old.namelist()}
    chain = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    parts["xl/calcChain.xml"] = '<calcChain xmlns="x"><c r="AU2" i="1"/></calcChain>'
    name = "[Content_Types].xml"
    override = f'<Override PartName="/xl/calcChain.xml" ContentType="{chain}"/></Types>'
    parts[name] = parts[name].replace("</Types>", override)
    name = "xl/_rels/workbook.xml.rels"
    link = f'<Relationship Id="rId99" Type="{kind}" Target="calcChain.xml"/></Relationships>'
    parts[name] = parts[name].replace("</Relationships>", link)
    if shared:
        name = "xl/worksheets/sheet1.xml"
        first, *others = re.findall(r"<f>AC\d\*2\+LEN\([^<]*</f>", parts[name])
        parts[name] = parts[name].replace(first, first.replace("<f>", '<f t="shared" si="0" ref="AU2:AU7">'))
        for other in others:
            parts[name] = parts[name].replace(other, '<f t="shared" si="0"/>')
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


@pytest.mark.parametrize("shared", [False, True])
def test_formulas_of_their_own_row_move_with_it(book, shared):
    import openpyxl

    opened = openpyxl.load_workbook(book)
    cells = opened["events"]
    for number in range(2, 8):
        cells.cell(number, 47, f'=AC{number}*2+LEN("AC{number}")+SUM(B{number}:D{number})')
    opened.save(book)
    _with_chain(book, shared)
    with reviewing(book) as review:
        review.reject(3)
        review.reject(5)
        review.save()
    after = openpyxl.load_workbook(book)["events"]
    assert after.max_row == 5 and not any(row.hidden for row in after.row_dimensions.values())
    assert [event.event_id_cnty for event in rows(book)] == [IDS[n] for n in (0, 1, 3, 5)]
    if shared:
        with zipfile.ZipFile(book) as package:
            content = package.read("xl/worksheets/sheet1.xml").decode()
        assert 'ref="AU2:AU5"' in content and content.count('<f t="shared" si="0"/>') == 3
    else:
        told = [(2, 2), (3, 3), (4, 5), (5, 7)]
        assert [after.cell(n, 47).value for n, _ in told] == [
            f'=AC{n}*2+LEN("AC{was}")+SUM(B{n}:D{n})' for n, was in told
        ]
    with zipfile.ZipFile(book) as package:
        assert "xl/calcChain.xml" not in package.namelist()
        assert b"calcChain" not in package.read("[Content_Types].xml") + package.read(
            "xl/_rels/workbook.xml.rels"
        )


@pytest.mark.parametrize(
    "formula", ["=AC{above}+1", "=SUM(AC$2:AC{n})", "=SUM(AC:AC)", "=total*2", "=events!AC{n}"]
)
def test_formulas_that_go_by_other_rows_stay_where_they_are(book, formula):
    import openpyxl

    opened = openpyxl.load_workbook(book)
    cells = opened["events"]
    for number in range(2, 8):
        cells.cell(number, 47, formula.format(n=number, above=number - 1))
    opened.save(book)
    with reviewing(book) as review:
        review.reject(3)
        review.save()
    after = openpyxl.load_workbook(book)["events"]
    assert after.row_dimensions[4].hidden and after["A4"].value is None
    assert after.cell(7, 47).value == formula.format(n=7, above=6)


def test_where_comments_are_tied_to_rows_a_rejected_row_is_emptied_and_hidden(book):
    import openpyxl
    from openpyxl.comments import Comment

    opened = openpyxl.load_workbook(book)
    opened["events"]["A6"].comment = Comment("ask Rana", "me")
    opened.save(book)
    with reviewing(book) as review:
        review.reject(2)
        review.save()
    cells = openpyxl.load_workbook(book)["events"]
    assert cells["A6"].comment.text == "ask Rana" and cells["A6"].value == IDS[4]
    assert cells.row_dimensions[3].hidden and cells["A3"].value is None


def test_where_formulas_count_rows_of_a_document_a_rejected_row_is_emptied_and_hidden(tmp_path):
    import odfdo

    path = tmp_path / "events.ods"
    write_events(EVENTS, path, columns="full")
    document = odfdo.Document(path)
    table = document.body.get_table(name="events")
    table.append_row(odfdo.Row())
    table.set_cell((0, 9), odfdo.Cell(formula="of:=SUM([.AC2:.AC7])"))
    document.save(path)
    with reviewing(path) as review:
        review.reject(3)
        review.save()
    assert [event.event_id_cnty for event in rows(path) if event.event_date] == IDS[:2] + IDS[3:]
    table = odfdo.Document(path).body.get_table(name="events")
    assert table.get_row(3).get_attribute("table:visibility") == "collapse"
    assert table.get_cell((0, 3)).value is None and table.get_cell((0, 4)).value == IDS[3]


def test_hashtags_and_codes_stay_as_they_are(tmp_path):
    path = tmp_path / "events.ods"
    write_events(EVENTS, path, columns="acled", options=Options(hxl=True, inter_codes=True))
    with reviewing(path) as review:
        assert len(review.items) == 6
        review.correct(1, "actor2", "civilians")
        review.reject(2)
        review.save()
    after = rows(path)
    assert len(after) == 5 and after[0].inter2 == 7 and after[0].interaction == 17


def test_text_that_looks_like_a_formula_is_guarded(sheet):
    with reviewing(sheet) as review:
        review.correct(1, "actor2", {"name": "=HYPERLINK(A1) Front", "inter": 2})
        review.save()
    assert found(sheet)[0].actor2 == "=HYPERLINK(A1) Front"
    if sheet.suffix == ".csv":
        assert "'=HYPERLINK(A1) Front" in sheet.read_text()


# ---- which rows ----


def test_rows_are_picked_and_ordered():
    cells = [row(event, "full") for event in EVENTS]
    by_doubt = sorted(range(6), key=lambda n: Wanted().place(cells[n], n))
    assert by_doubt == [5, 4, 3, 2, 1, 0]
    assert sorted(range(6), key=lambda n: Wanted("sheet").place(cells[n], n)) == [*range(6)]
    assert Wanted().place({}, 1) > Wanted().place(cells[0], 0)
    assert Wanted(types=("Battles",)).picks(cells[0]) and not Wanted(types=("Attack",)).picks(cells[0])
    assert Wanted(since="2024-11-01", until="2024-11-01").picks(cells[0])
    assert not Wanted(since="2024-11-02").picks(cells[0]) and not Wanted(until="2024-10-31").picks(cells[0])
