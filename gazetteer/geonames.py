"""GeoNames' dump of a country, as published or unpacked by hand: features out, or where it is wrong.

The format is that of https://download.geonames.org/export/dump/readme.txt: no header, 19 columns parted by
tabs, UTF-8. `open_dump` takes the .zip of the server, a .gz, or the bare .txt.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .gazetteer import GazetteerError

COLUMNS = 19
MOST_BYTES = 1 << 30  # unpacked; the largest country has a third of that
_LONGEST = 100_000  # bytes of a line; GeoNames allows 10,000 characters of alternate names


@dataclass(frozen=True, slots=True)
class Feature:
    """A row of a dump: names as they stand there, degrees WGS84, class and code of GeoNames' feature list."""

    id: int
    name: str
    ascii_name: str
    alternates: tuple[str, ...]
    latitude: float
    longitude: float
    feature_class: str
    feature_code: str
    country: str
    units: tuple[str, str, str]
    population: int


# Feature codes of use for placing events, and our kinds; https://www.geonames.org/export/codes.html
_KINDS = {
    "A.ADM1": "governorate",
    "A.ADM2": "district",
    "A.ADM3": "subdistrict",
    "A.ADM4": "subdistrict",
    "P.PPLC": "city",
    "P.PPLX": "neighbourhood",
    "P.PPLF": "farm",
    "P.STLMT": "village",
    "S.AIRP": "airport",
    "S.AIRF": "airport",
    "S.AIRB": "airbase",
    "L.MILB": "base",
    "S.MILB": "base",
    "S.INSM": "base",
    "S.FT": "base",
    "L.NVB": "base",
    "S.DAM": "dam",
    "S.BDG": "bridge",
    "S.PRN": "prison",
    "S.HSP": "hospital",
    "S.CMP": "camp",
    "S.CMPRF": "camp",
    "S.PSTB": "crossing",
    "S.CSTM": "crossing",
    "S.PS": "factory",
    "S.PSH": "factory",
    "S.MFG": "factory",
    "S.MFGCU": "factory",
    "S.OILR": "factory",
    "L.OILF": "oilfield",
    "L.GASF": "gasfield",
    "L.RGN": "region",
    "T.MT": "mountain",
    "T.MTS": "mountain",
    "T.PK": "mountain",
    "T.RDGE": "mountain",
    "T.PASS": "mountain",
    "T.HLL": "hill",
    "T.HLLS": "hill",
    "T.DSRT": "desert",
    "T.PLN": "region",
    "T.ISL": "island",
    "H.LK": "lake",
    "H.LKS": "lake",
    "H.RSV": "lake",
    "H.STM": "river",
    "H.STMS": "river",
    "R.RD": "road",
    "R.RTE": "road",
}
# Populated places that are there no more, or never were more than a name of land.
_GONE = frozenset({"PPLH", "PPLW", "PPLCH"})


def kind_of(feature: Feature) -> str:
    """Our kind of a feature, "" for one that no event is placed at."""
    if known := _KINDS.get(f"{feature.feature_class}.{feature.feature_code}"):
        return known
    if feature.feature_class != "P" or feature.feature_code in _GONE:
        return ""
    if feature.population >= 50_000 or feature.feature_code == "PPLA":
        return "city"
    if feature.population >= 5_000 or feature.feature_code == "PPLA2":
        return "town"
    # As in the packaged table, a settlement of which no number of inhabitants is known is a hamlet.
    return "village" if feature.population or feature.feature_code.startswith("PPLA") else "hamlet"


@contextlib.contextmanager
def open_dump(path: Path, country: str) -> Iterator[tuple[str, IO[bytes]]]:
    """The name of the dump's text and its bytes, whatever it is packed in. Raises GazetteerError."""
    try:
        with path.open("rb") as file:
            start = file.read(512)
            file.seek(0)
            if start.startswith(b"PK"):
                with zipfile.ZipFile(file) as archive, archive.open(_member(path, archive, country)) as text:
                    yield text.name, text
            elif start.startswith(b"\x1f\x8b"):
                with gzip.open(file) as text:
                    yield path.name, text  # type: ignore[misc]
            else:
                _refuse_page(path, start)
                yield path.name, file
    except (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, NotImplementedError) as error:
        raise GazetteerError(f"{path.name}: the archive is damaged ({error}): download it again") from None
    except RuntimeError as error:  # zipfile's word for a password
        raise GazetteerError(f"{path.name}: cannot be unpacked: {error}") from None
    except OSError as error:
        raise GazetteerError(f"{path.name}: cannot be read: {error.strerror or error}") from None


def _member(path: Path, archive: zipfile.ZipFile, country: str) -> zipfile.ZipInfo:
    inside = archive.infolist()
    for info in inside:
        if info.filename.rpartition("/")[2].upper() == f"{country}.TXT":
            if info.file_size > MOST_BYTES:
                raise GazetteerError(f"{path.name}: {info.filename} would unpack to {info.file_size} bytes")
            return info
    held = ", ".join(_printable(info.filename) for info in inside[:5]) or "nothing"
    raise GazetteerError(f"{path.name}: no {country}.txt in it, but {held}: is it the dump of this country?")


def _refuse_page(path: Path, start: bytes) -> None:
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise GazetteerError(f"{path.name}: this is a web page, not a dump of GeoNames")


def features(path: Path, country: str) -> Iterator[Feature]:
    """The features of a country in a dump, in its order, each id once.

    Raises GazetteerError with file and line for the first row that is not as GeoNames writes it, and for a
    file without any row of the country.
    """
    seen: set[int] = set()
    others: set[str] = set()
    with open_dump(path, country) as (name, file):
        for where, line in _lines(name, file):
            feature = _feature(where, line)
            if feature.country != country:
                others.add(feature.country)
            elif feature.id not in seen:
                seen.add(feature.id)
                yield feature
    if others and not seen:
        there = ", ".join(sorted(_printable(code) for code in others)[:5])
        raise GazetteerError(f"{path.name}: no place of {country} in it, but of {there}: use --country")
    if not seen:
        raise GazetteerError(f"{path.name}: empty: no place in it")


def _lines(name: str, file: IO[bytes]) -> Iterator[tuple[str, str]]:
    """Each line that is not empty, and where it stands; never more of a file than the limits."""
    total = number = 0
    while raw := file.readline(_LONGEST + 1):
        number += 1
        total += len(raw)
        where = f"{_printable(name)}:{number}"
        if len(raw) > _LONGEST:
            raise GazetteerError(f"{where}: a line of more than {_LONGEST} bytes: no dump of GeoNames")
        if total > MOST_BYTES:
            raise GazetteerError(f"{where}: more than {MOST_BYTES >> 20} MB: no dump of one country")
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise GazetteerError(f"{where}: not in UTF-8") from None
        if line:
            yield where, line


def _feature(where: str, line: str) -> Feature:
    cells = line.split("\t")
    if len(cells) != COLUMNS:
        raise GazetteerError(
            f"{where}: {len(cells)} columns parted by tabs, a dump of GeoNames has {COLUMNS}"
        )
    number, name, ascii_name, alternates, lat, lon, feature_class, code, country = cells[:9]
    if not re.fullmatch(r"[0-9]{1,12}", number):
        raise GazetteerError(f'{where}: geonameid "{_printable(number)[:40]}" is not a whole number')
    latitude, longitude = (
        _degrees(where, *pair) for pair in (("latitude", lat, 90), ("longitude", lon, 180))
    )
    population = cells[14] or "0"
    if not re.fullmatch(r"-?[0-9]{1,12}", population):
        raise GazetteerError(f'{where}: population "{_printable(population)[:40]}" is not a whole number')
    return Feature(
        int(number),
        clean(name),
        clean(ascii_name),
        tuple(filter(None, map(clean, alternates.split(",")))),
        latitude,
        longitude,
        feature_class,
        code,
        country,
        (cells[10], cells[11], cells[12]),
        max(0, int(population)),
    )


def _degrees(where: str, what: str, cell: str, most: float) -> float:
    if not re.fullmatch(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?", cell):
        raise GazetteerError(f'{where}: {what} "{_printable(cell)[:40]}" is not a number')
    degrees = float(cell)
    if abs(degrees) > most:
        raise GazetteerError(f"{where}: {what} {cell} is out of range")
    return degrees


_MARKS = re.compile(r"[\s|\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def clean(name: str) -> str:
    """A name in one line, without what parts our cells or makes a spreadsheet take it for a formula."""
    return _MARKS.sub(" ", name).strip().lstrip("=+-@ ")[:120].strip()


def is_latin(name: str) -> bool:
    """True for a name in Latin letters, whatever their accents."""
    letters = [c for c in name if c.isalpha()]
    return bool(letters) and all(c.isascii() or unicodedata.name(c, "").startswith(_LATIN) for c in letters)


_LATIN = ("LATIN", "MODIFIER LETTER")


def is_arabic(name: str) -> bool:
    """True for a name in the letters of Arabic itself: Kurdish and Persian add some of their own."""
    letters = [c for c in name if c.isalpha()]
    return bool(letters) and all("\u0621" <= c <= "\u064a" for c in letters)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def written(found: list[Feature]) -> bytes:
    """Features as a gzipped dump that `features` reads again; the same features give the same bytes."""
    raw = io.BytesIO()
    with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as file:
        for f in found:
            cells = [
                f.id,
                f.name,
                f.ascii_name,
                ",".join(f.alternates),
                f"{f.latitude:.5f}",
                f"{f.longitude:.5f}",
            ]
            cells += [
                f.feature_class,
                f.feature_code,
                f.country,
                "",
                *f.units,
                "",
                f.population,
                "",
                "",
                "",
                "",
            ]
            file.write(("\t".join(map(str, cells)) + "\n").encode("utf-8"))
    return raw.getvalue()
