"""Corrections become rows of dictionaries and test cases, and the next run follows them."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
import test_cases

from conflict_events import Article, Extractor, Settings
from conflict_events.cases import CASES, Case, put_cases, read_cases, run_cases
from conflict_events.learning import LearningError, learn
from conflict_events.overlays import OverlayError
from conflict_events.provenance import Provenance
from conflict_events.publication import read_date
from conflict_events.review import Review
from conflict_events.tables import write_events

DAY = read_date("2020-05-10")
STRIKE = "On 3 May 2020, regime forces shelled the village of Tiba, killing a child."
DARA = "Rebels left Nawa and Dael in Daraa. " + STRIKE
LIWA = "On 3 May 2020, fighters of Liwa al-Bustan attacked an army post near Saraqab, killing two soldiers."


@pytest.fixture(scope="module")
def engine() -> Extractor:
    return Extractor(Settings(layer="none"))


class Desk:
    """A sheet made of one article, under review."""

    def __init__(self, text: str, engine: Extractor, folder: Path, columns: str = "full") -> None:
        self.article = Article(text, id="article.txt", published=DAY)
        self.folder, self.data = folder, folder / "data"
        self.evidence = Provenance(engine)
        self.evidence.keep([self.article])
        sheet = folder / "events.csv"
        write_events(engine.merge(engine.events(self.article)), sheet, columns=columns)
        if columns == "acled":
            self.evidence.read_again()
        self.review = Review(sheet, engine.lexicon, engine.gazetteer)

    def learn(self) -> list:
        rows = [
            (self.evidence.filled(self.review.seen(item)), self.review.cells(item), decisions)
            for item, decisions in self.review.corrections()
        ]
        accepted = [
            self.evidence.filled(self.review.cells(item))
            for item in self.review.items.values()
            if self.review.state(item) == "accepted"
        ]
        return learn(self.data, rows, accepted, self.evidence)

    def again(self) -> list:
        """The events of the article with what was learned."""
        return Extractor(Settings(data=self.data, layer="none")).events(self.article)

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.data / name).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def run_cases(self) -> list[str]:
        """What is wrong with the cases that were written, an xfail that holds included."""
        engine = Extractor(Settings(data=self.data, layer="none"))
        outcomes = run_cases(read_cases(self.data / CASES), engine.events)
        return [
            f"{one.case.name}: {one.differences}" for one in outcomes if one.result not in ("right", "known")
        ]


@pytest.fixture
def desk(tmp_path, engine):
    made: list[Desk] = []

    def make(text: str, columns: str = "full") -> Desk:
        made.append(Desk(text, engine, tmp_path, columns))
        return made[-1]

    yield make
    for one in made:
        one.review.close()


@pytest.mark.parametrize("columns", ["full", "acled"])
def test_a_wrong_namesake_is_right_in_the_next_run(desk, columns):
    here = desk(STRIKE, columns)
    (item,) = here.review.items.values()
    (before,) = here.evidence.engine.events(here.article)
    cells = here.evidence.filled(here.review.cells(item))
    assert cells["place_text"] == "Tiba" and cells["sentence"] == STRIKE
    other = here.evidence.places(cells)[1]
    assert other["id"] != before.place_id and other["location"] == "Tiba"
    here.review.correct(1, "place", other["id"])
    (learned,) = here.learn()
    assert learned.follows and learned.table == "homonyms.csv"
    assert learned.message.startswith(f'"Tiba" means Tiba ({other["admin"][0]})')
    (taught,) = here.table("homonyms.csv")
    assert (taught["name"], taught["place_id"], taught["example"]) == ("Tiba", other["id"], STRIKE)
    (after,) = here.again()
    assert after.place_id == other["id"] and after.sub_event_type == before.sub_event_type
    assert here.run_cases() == []
    # learning once more changes nothing
    tables = {path.name: path.read_bytes() for path in here.data.iterdir()}
    assert [one.follows for one in here.learn()] == [True]
    assert {path.name: path.read_bytes() for path in here.data.iterdir()} == tables


def test_the_narrowest_row_that_helps_is_taken(desk):
    here = desk("Residents of Mayadin and Abu Kamal in Deir ez-Zor fled. " + DARA)
    number = next(i.number for i in here.review.items.values() if i.sheet["location"] == "Tiba")
    target = "tiba-deir-ez-zor" if here.review.items[number].sheet["admin1"] != "Deir ez Zor" else "tiba-dara"
    here.review.correct(number, "place", target)
    (learned,) = here.learn()
    assert learned.follows
    (taught,) = here.table("homonyms.csv")
    assert taught["admin1"] == here.evidence.engine.gazetteer.places[target].admin1


def test_a_name_that_an_accepted_row_has_elsewhere_is_not_learned_for_good(desk):
    two = STRIKE + "\n\nOn 4 May 2020, regime forces shelled the village of Tiba in Homs, killing a woman."
    here = desk(two)
    first, second = here.review.items.values()
    assert second.sheet["location"] == "Tiba" and second.sheet["admin1"] == "Homs"
    here.review.accept(second.number)
    here.review.correct(first.number, "place", "tiba-as-sweida")
    (learned,) = here.learn()
    assert not learned.follows and "is another place in a row that was accepted" in learned.message
    assert not (here.data / "homonyms.csv").exists()
    assert here.run_cases() == []


@pytest.mark.parametrize("name, aliases", [("Karm al-Sayf", "Tiba"), ("Tiba al-Jadida", "")])
def test_a_village_that_no_table_has_becomes_a_place(desk, name, aliases):
    here = desk(STRIKE if aliases else STRIKE.replace("Tiba", name))
    here.review.correct(1, "place", {"name": name, "point": "35.8312, 36.7025"})
    (learned,) = here.learn()
    assert learned.follows and learned.table.startswith("places.csv")
    (taught,) = here.table("places.csv")
    assert (taught["name"], taught["admin1"], taught["aliases"]) == (name, "Idleb", aliases)
    (after,) = here.again()
    assert after.location == name
    done = subprocess.run(
        [sys.executable, "-m", "conflict_events", "gazetteer", "check", str(here.data)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_name_in_the_sentence_becomes_an_actors_alias(desk):
    here = desk(LIWA)
    here.review.correct(1, "actor1", {"name": "Orchard Brigade", "inter": 2})
    (learned,) = here.learn()
    assert learned.follows and learned.table == "actors.csv"
    assert learned.message == '"Liwa al-Bustan" means Orchard Brigade from now on'
    (taught,) = here.table("actors.csv")
    assert (taught["id"], taught["provisional"], taught["aliases"]) == (
        "orchard-brigade",
        "yes",
        "Liwa al-Bustan",
    )
    (after,) = here.again()
    assert after.actor1 == "Orchard Brigade" and after.inter1 == 2
    assert here.run_cases() == []


def test_an_alias_is_added_to_an_actor_that_is_known(desk):
    here = desk(LIWA)
    here.review.correct(1, "actor1", "hts")
    (learned,) = here.learn()
    assert learned.follows
    (taught,) = here.table("actors.csv")
    assert taught["id"] == "+hts" and taught["aliases"] == "Liwa al-Bustan" and not taught["name"]
    assert here.again()[0].actor1 == "HTS: Hayat Tahrir al Sham"


def test_another_type_becomes_a_row_for_its_word(desk):
    text = "On 3 May 2020, gunmen torched two shops in Saraqab."
    here = desk(text)
    (item,) = here.review.items.values()
    kind = "Mob violence" if item.sheet["sub_event_type"] != "Mob violence" else "Attack"
    here.review.correct(1, "sub_event_type", kind)
    (learned,) = here.learn()
    if learned.follows:
        (taught,) = here.table("triggers.csv")
        assert taught["sub_event_type"] == kind and taught["example"] == text
        assert here.again()[0].sub_event_type == kind
        assert "from now on, wherever it stands" in learned.message
    else:
        assert not (here.data / "triggers.csv").exists()
    assert here.run_cases() == []


def test_a_type_that_accepted_rows_contradict_is_not_learned(desk):
    text = STRIKE + "\n\nOn 4 May 2020, regime forces shelled Saraqab in Idlib, killing two men."
    here = desk(text)
    here.review.correct(1, "sub_event_type", "Air/drone strike")
    here.review.accept(2)
    (learned,) = here.learn()
    assert not learned.follows and "of the other type in 1 row accepted" in learned.message


def test_what_no_table_can_hold_becomes_a_case_that_is_known_to_fail(desk):
    here = desk(STRIKE)
    here.review.correct(1, "fatalities", "4")
    here.review.correct(1, "event_date", "2020-05-02")
    learned = here.learn()
    assert not any(one.follows for one in learned)
    (case,) = read_cases(here.data / CASES)
    assert case.events == [{"fatalities": 4, "event_date": "2020-05-02"}] and case.xfail
    assert len([*test_cases.read(here.data / CASES)]) == 1, "the tests of the project read it, too"
    assert here.run_cases() == []


def test_rows_and_cases_that_are_there_stay(desk):
    here = desk(STRIKE)
    here.data.mkdir()
    mine = "name,place_id,admin1,remarks,example\nKafr Ruma,tiba-homs,,mine,\n"
    (here.data / "homonyms.csv").write_text(mine)
    (here.data / "sources.csv").write_text("id,name,scale,aliases\nmine,Mine,National,\n")
    (here.data / CASES).write_text('# my cases\n\n[[case]]\nname = "mine"\ntext = "x"\nevents = []\n')
    here.review.correct(1, "place", "tiba-as-sweida")
    assert here.learn()[0].follows
    assert [row["remarks"] for row in here.table("homonyms.csv")] == ["mine", "from a review"]
    kept = (here.data / CASES).read_text()
    assert kept.startswith('# my cases\n\n[[case]]\nname = "mine"\n') and kept.count("[[case]]") == 2


def test_a_folder_that_cannot_be_loaded_is_not_made_worse(desk):
    here = desk(STRIKE)
    here.data.mkdir()
    (here.data / "actors.csv").write_text("id,name,inter\nx,X,9\n")
    here.review.correct(1, "place", "tiba-as-sweida")
    with pytest.raises(LearningError, match=r"actors\.csv:2: unknown inter"):
        here.learn()
    assert [path.name for path in here.data.iterdir()] == ["actors.csv"]


def test_hostile_text_is_a_case_and_an_example_like_any_other(tmp_path):
    hostile = '=cmd|"\\x";\n[[case]]\n\u202e</script>\x7f\x00\'"""\ttail'
    put_cases(
        tmp_path / CASES, [Case("one", hostile, [{"location": 'a"b'}], DAY, "why\n"), Case("two", "x", [])]
    )
    put_cases(tmp_path / CASES, [Case("two", "y", [{}])])
    import tomllib

    one, two = tomllib.loads((tmp_path / CASES).read_text(encoding="utf-8"))["case"]
    assert one["text"] == hostile and one["events"] == [{"location": 'a"b'}] and one["published"] == DAY
    assert two["text"] == "y" and two["events"] == [{}]


def test_places_named_beside_are_candidates_too(desk):
    here = desk(
        "Residents left Kafr Nabl. On 3 May 2020, rebels from Binnish shelled Saraqab, killing a child."
    )
    (item,) = here.review.items.values()
    assert item.sheet["location"] == "Saraqab"
    found = [(place["location"], place["why"]) for place in here.evidence.places(item.sheet)]
    assert found.index(("Bennsh", "named in the sentence")) < found.index(
        ("Kafr Nobol", "named in the article")
    )
    assert "Saraqab" not in [place for place, why in found if why.startswith("named")]


def test_a_deed_put_at_the_wrong_one_of_two_places_makes_no_name_mean_the_other(desk):
    here = desk("On 3 May 2020, rebels from Binnish shelled Saraqab, killing a child.")
    other = next(p for p in here.evidence.places(here.review.items[1].sheet) if p["location"] == "Bennsh")
    here.review.correct(1, "place", other["id"])
    (learned,) = here.learn()
    assert not learned.follows and "the text names Bennsh itself" in learned.message
    here.review.correct(1, "place", {"name": "Karm al-Sayf", "point": "35.8312, 36.7025"})
    (learned,) = here.learn()
    assert not learned.follows and '"Saraqab" is the name of a larger place' in learned.message
    assert [path.name for path in here.data.iterdir()] == [CASES] and here.run_cases() == []


def test_evaluate_runs_the_cases(desk):
    here = desk(STRIKE)
    here.review.correct(1, "place", "tiba-as-sweida")
    here.learn()
    cases = here.data / CASES
    with cases.open("a") as file:
        file.write('\n[[case]]\nname = "two"\ntext = "Rain fell."\nevents = [{ fatalities = 2 }]\n')

    def run(*more: str) -> tuple[int, list[str], str]:
        command = [sys.executable, "-m", "conflict_events", "evaluate", str(cases), "--layer", "none", *more]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout.splitlines(), done.stderr

    code, lines, _ = run("--data", str(here.data))
    assert code == 1 and lines[-1] == "1 right, 1 wrong, 0 wrong as known, 0 mended"
    assert lines[0] == "wrong: two: no row with fatalities 2"
    cases.write_text(cases.read_text().replace("events = [{ fatalities = 2 }]", "events = []"))
    assert run("--data", str(here.data))[0] == 0
    code, lines, _ = run()
    assert code == 1 and lines[0].startswith("wrong: place of SYR") and "wanted 'As Sweida'" in lines[0]
    assert run("--format", "json")[0] == 2


@pytest.mark.parametrize(
    "content, message",
    [
        ("[[case]\n", "cannot be read"),
        ("x = 1\n", "a case has a name, a text and events"),
        ('[[case]]\nname = "a"\ntext = "b"\nevents = [{ place = 1 }]\n', '"place" is no column'),
        ('[[case]]\nname = "a"\ntext = "b"\nevents = []\nwhy = 1\n', 'unknown "why"'),
        ('[[case]]\nname = "a"\ntext = "b"\npublished = "x"\nevents = []\n', "cannot be read"),
        ('[[case]]\nname = "a"\ntext = "b"\nevents = [{},{},{},{},{},{},{},{}]\n', "split it"),
    ],
)
def test_files_that_are_no_cases_are_told_of(tmp_path, content, message):
    (tmp_path / CASES).write_text(content)
    with pytest.raises(OverlayError, match=message):
        read_cases(tmp_path / CASES)
