"""Comparing the points of a gazetteer with those of another list: namesakes that lie apart are named."""

import subprocess
import sys
from pathlib import Path

import pytest

from conflict_events.gazetteer import Gazetteer, GazetteerError
from conflict_events.gazetteer_compare import astray

SARAQIB = Gazetteer.load(layer="none").places["saraqib"]


def table(tmp_path: Path, *rows: str, header: str = "name,lat,lon,alternates") -> Path:
    path = tmp_path / "list.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def found(reference: Path, folder: Path | None = None, km: float = 5.0) -> list[str]:
    return [finding.where for finding in astray(folder, reference, km)]


def test_the_same_point_is_nowhere_astray(tmp_path: Path) -> None:
    assert found(table(tmp_path, f"Saraqib,{SARAQIB.latitude},{SARAQIB.longitude},")) == []


def test_ten_kilometres_apart_by_a_name_in_another_spelling(tmp_path: Path) -> None:
    reference = table(tmp_path, f"Somewhere,{SARAQIB.latitude + 0.09},{SARAQIB.longitude},Sarāqib|X")
    assert found(reference) == ["saraqib"]
    assert found(reference, km=12) == []


def test_a_namesake_far_away_is_another_village(tmp_path: Path) -> None:
    assert found(table(tmp_path, f"Saraqib,{SARAQIB.latitude + 1},{SARAQIB.longitude},")) == []


def test_the_nearest_of_several_namesakes_counts(tmp_path: Path) -> None:
    near = f"Saraqib,{SARAQIB.latitude + 0.01},{SARAQIB.longitude},"
    assert found(table(tmp_path, f"Saraqib,{SARAQIB.latitude + 0.09},{SARAQIB.longitude},", near)) == []


def test_a_users_rows_alone_are_compared(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "places.csv").write_text(
        "id,name,kind,latitude,longitude\nkaram-al-saif,Karam al-Saif,village,35.9,36.7\n", encoding="utf-8"
    )
    rows = ("Karam al-Saif,35.8,36.7,", f"Saraqib,{SARAQIB.latitude + 0.09},{SARAQIB.longitude},")
    assert found(table(tmp_path, *rows), own) == ["karam-al-saif"]


def test_a_dump_of_geonames(tmp_path: Path) -> None:
    cells = ["1", "Saraqib", "Saraqib", "Saraqib", str(SARAQIB.latitude + 0.09), str(SARAQIB.longitude)]
    cells += ["P", "PPL", "SY", "", "12", "", "", "", "0", "", "", "Asia/Damascus", "2020-01-01"]
    dump = tmp_path / "SY.txt"
    dump.write_text("\t".join(cells) + "\n", encoding="utf-8")
    assert found(dump) == ["saraqib"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name,lat\nSaraqib,35\n", "no column longitude"),
        ("", "no column name"),
        ("name,lat,lon\nSaraqib,north,36\n", 'list.csv:2: "north" is no latitude'),
        ("name,lat,lon\nSaraqib,,36\n", "list.csv:2"),
    ],
)
def test_an_unusable_list_is_one_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GazetteerError, match=r"list\.csv") as error:
        found(path)
    assert reason in str(error.value)


def test_the_command(tmp_path: Path) -> None:
    reference = table(tmp_path, f"Saraqib,{SARAQIB.latitude + 0.09},{SARAQIB.longitude},")
    command = [sys.executable, "-m", "conflict_events", "gazetteer", "check", "--against"]
    done = subprocess.run([*command, str(reference)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "saraqib: warning: Saraqib: 10.0 km from its namesake in list.csv\n"
    done = subprocess.run([*command, str(tmp_path / "no.csv")], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.count("\n") == 1
