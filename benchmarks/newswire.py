"""Articles to measure speed with: conflict news, mixed news and news without conflict, as long as real ones are.

    python benchmarks/newswire.py conflict|mixed|peace COUNT > articles.jsonl

Conflict news is put together from paragraphs of the annotated articles beside this file and of
`sample_articles`, with other towns and numbers in them each time; news without conflict from sentences of
ten beats with their slots filled, among them words that also stand for violence ("attack", "strike", "shot",
"killed"), as in real news. Lengths follow those of agency news: half of the articles have fewer than 380
words, one in ten more than 800. The same count always gives the same articles.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
TEXTS = (HERE / "articles", HERE.parent / "sample_articles")
KINDS = {"conflict": 1.0, "mixed": 0.1, "peace": 0.0}  # share of conflict news
MEDIAN, SPREAD, SHORTEST, LONGEST = 380, 0.6, 60, 2500  # words, of a log-normal distribution

SLOTS = {
    "city": "London|Paris|Chicago|Toronto|Madrid|Nairobi|Jakarta|Sydney|Lisbon|Vienna|Osaka|Mumbai|Boston|Warsaw|Lagos|Lima",
    "country": "France|Canada|Japan|Brazil|Kenya|Norway|India|Portugal|Mexico|Poland|Chile|Australia|Denmark|Vietnam",
    "firm": "Norvik Bank|Altamont Motors|Helios Energy|Brightwater Foods|Castell Air|Meridian Telecom|Orion Steel|Quill Media|"
    "Larkspur Pharma|Tidewater Shipping|Ashford Retail|Pinnacle Software",
    "team": "Rovers|United|the Hawks|the Tigers|Athletic|the Falcons|Olympic|City|the Wolves|Racing|the Comets|Sporting",
    "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
    "month": "January|February|March|April|May|June|July|September|October|November|December",
    "share": "2 per cent|3.5 percent|a fifth|nearly half|12 percent|one in four|7.8 per cent|a third",
    "sum": "$40 million|$1.2 billion|300,000 euros|$85|15 million pounds|$7.4 billion|two million dollars",
    "field": "biologists|engineers|economists|doctors|astronomers|teachers|farmers|architects|historians|nurses",
}

# Words of the sentences below that may tell of an event.
VIOLENT = re.compile(
    r"\b(?:kill\w*|protest\w*|met in|rescued|sacks|pounds|robbed|seized|arrested|attack\w*|storm|recovered|strike|shot|"
    r"captured|released|fought|took|taken|take|lost|hit|beat\w*|move into)\b"
)
FIRST = (
    "James Lena Tom Aisha Pierre Yuki Carlos Ingrid David Priya Anna Marco Helen Omar Grace Maria Paul Sofia Peter Julia Samuel "
    "Nora Victor Emma Daniel Clara Hugo Elena Edward Alice Oscar Ruth Simon Laura Felix Martina George Rosa Henry Vera"
).split()
LAST = (
    "Keller Okafor Fischer Barnes Lambert Mendes Olsen Cohen Nair Kowalska Rossi Wright Mbeki Novak Silva Jensen Moreau Schmidt "
    "Costa Murphy Larsen Weber Takeda Patel Russo Hughes Lindgren Dubois Romero Walsh Bauer Ferrari Clarke Nilsson Vargas Meyer "
    "Donovan Petrov Sanders Kim"
).split()
BEATS = {
    "business": """{firm} reported quarterly profit of {sum} on {day}, beating the forecasts of most analysts.
Shares in {firm} fell {share} after the company lowered its outlook for the year.
The central bank of {country} left its main interest rate unchanged and said inflation would ease by {month}.
{person}, chief executive of {firm}, said orders from {country} had recovered faster than expected.
{firm} and {firm} agreed a deal worth {sum} to build a plant near {city}.
Consumer prices in {country} rose {share} from a year earlier, the statistics office said.
Workers at the {firm} depot in {city} voted to strike over pay from {day}.
Analysts at {firm} expect demand for electric cars to grow by {share} next year.
The regulator fined {firm} {sum} for misleading customers about fees.
Oil traded little changed as investors waited for stock data from {country}.""",
    "sport": """{team} beat {team} {number}-1 on {day} to move into second place.
{person} scored twice in the first half and hit the post shortly before the break.
{team} coach {person} praised his defence and said the attack had lacked patience.
{person} shot a five-under-par {number} to lead the open in {city} by two strokes.
{team} have signed midfielder {person} from {team} for a fee of {sum}.
{person} won in straight sets in {city} and will meet {person} in the final on {day}.
The striker limped off with a knee injury and faces {number} weeks on the sidelines.
A late penalty killed off the game, {person} said, but the team fought to the end.
Organisers in {city} sold {number} thousand tickets within an hour.
{team} take on {team} in the cup on {day} without their captain.""",
    "health": """Health officials in {country} reported {number} new cases of measles since the start of {month}.
A study of {number} patients found that walking each day lowers the risk of a heart attack by {share}.
{person}, a professor of medicine in {city}, said the results should be read with care.
Hospitals in {city} have cut waiting times by {share} since the new wards opened.
The vaccine will be offered to children under five from {month}, the ministry said.
{firm} said its drug slowed the disease in {share} of those who took it.
Smoking still kills more people in {country} each year than any other cause that can be avoided, {field} say.
Nurses at the clinic work in shifts of {number} hours, and many are leaving the profession.
The agency recalled {number} thousand packs of a painkiller sold in {country}.
More sleep, less salt and regular checks are the advice of {person}.""",
    "weather": """Heavy snow closed the airport of {city} for {number} hours on {day}.
Forecasters expect temperatures of up to {number} degrees in the south by {day}.
A storm brought down trees and cut power to {number} thousand homes in {country}.
Rivers in the north of {country} have risen by {number} centimetres since {day}.
Farmers said the drought had cost them {share} of the wheat harvest.
The ferry to the islands was cancelled because of high waves, the operator said.
A flood killed {number} people in {country} last {month} and left thousands without clean water.
Rain is expected to clear by {day}, giving way to a dry and mild weekend.
The lake is at its lowest level in {number} years, according to {field} at the university of {city}.
Firefighters brought a forest blaze near {city} under control late on {day}.""",
    "culture": """The museum in {city} opens a show of {number} paintings by {person} on {day}.
{person}'s third novel follows two sisters who inherit a hotel in {city}.
The festival in {city} drew a record {number} thousand visitors this year.
Critics praised the film's quiet camera and the performance of {person}.
The orchestra of {city} will tour {country} in {month} under {person}.
A recording found in an attic in {city} is thought to be the earliest by {person}.
The play, which opened on {day}, runs until the end of {month}.
{person} won the prize for best design with a library built of local timber.
The series is set in a harbour town in {country} where nobody locks a door.
Tickets cost {sum} for a box and far less for students, the theatre said.""",
    "science": """{field} in {country} have found a way to store heat in salt for {number} months.
The probe passed within {number} kilometres of the comet and sent back pictures on {day}.
Researchers led by {person} counted {number} species of moth in a single garden in {city}.
The telescope captured the faint light of a galaxy that formed early.
A fossil unearthed near {city} belongs to a bird the size of a goose, {field} report.
The method needs {share} less water than those in use today, said {person}.
The team released its data so that others can repeat the test.
Satellite images show that the glacier has lost {share} of its ice since {number} stations were set up.
Engineers at {firm} plan to try the battery in buses in {city} from {month}.
The results, published on {day}, surprised even those who had taken part.""",
    "politics": """Parliament in {country} approved the budget by {number} votes on {day}.
{person}, the mayor of {city}, announced a plan to plant {number} thousand trees.
Voters in {country} go to the polls in {month} to elect a new president.
The opposition leader {person} said the reform would cost families {sum} a year.
Ministers from {country} and {country} met in {city} to discuss fishing quotas.
Several hundred pensioners protested in {city} on {day} against higher rents.
The prime minister defended the new school law in a speech in {city}.
A court in {city} ordered the council to publish the contract with {firm}.
Talks on trade between {country} and {country} resume on {day}, officials said.
{person} resigned after {number} years as head of the party in {country}.""",
    "crime": """Police in {city} arrested a man of {number} on suspicion of selling forged tickets.
A cyclist was killed in a collision with a lorry near {city} on {day}.
{person} was sentenced to {number} months for tax fraud by a court in {city}.
Detectives are looking for two people who robbed a jeweller in {city} of goods worth {sum}.
Customs officers seized {number} kilos of ivory at the port of {city}.
The trial of {person}, a former director of {firm}, opens in {month}.
Three teenagers were rescued from a cliff near {city} late on {day}.
The number of burglaries in {country} fell by {share} last year.
A passenger who attacked a steward on a flight to {city} was fined {sum}.
Inspectors closed {number} restaurants in {city} for breaches of hygiene.""",
    "education": """Schools in {city} will teach chess from the second year on, the board decided on {day}.
{number} thousand pupils sat the new mathematics test in {month}.
{person}, who runs a nursery in {city}, said staff had become hard to find.
The university of {city} offers {number} scholarships to students from {country}.
Teachers welcomed the plan but said classes remained too large.
Applications to study nursing rose by {share} in {country}.
Parents in {city} launched a campaign for a safer way to school.
The library lends tools and games as well as books, and {share} of its visitors are new.
A report by {field} found that children who read aloud do better in all subjects.
The term begins on {day}, a week later than usual.""",
    "living": """The new tram line in {city} carries {number} thousand passengers a day.
{person} bakes {number} loaves each night and sells them before eight.
Rents in {city} have risen by {share} since {month}, a survey by {firm} shows.
The recipe needs {number} lemons, a little sugar and patience, said {person}.
Volunteers cleaned the beach near {city} on {day} and filled {number} sacks.
The hotel has {number} rooms and a terrace that looks over the bay.
A dog that went missing in {city} in {month} was found by a postman.
Trains between {city} and {city} will run every half hour from {month}.
The market hall, built {number} years ago, reopens on {day} after repairs.
Most visitors come for the walks, and some stay for the soup, {person} said.""",
}


def articles(kind: str, count: int) -> Iterator[dict[str, str]]:
    """`count` articles as records with id, title, text, published and source."""
    chance = random.Random(f"{kind} 1")
    beats = {name: _beat(lines) for name, lines in BEATS.items()}
    paragraphs = _paragraphs()
    towns = _towns()
    for number in range(count):
        wanted = min(LONGEST, max(SHORTEST, int(chance.lognormvariate(0, SPREAD) * MEDIAN)))
        # evenly spread, so that any first part of a corpus has the same share
        told = int((number + 1) * KINDS[kind]) > int(number * KINDS[kind])
        text = _conflict(paragraphs, towns, wanted, chance) if told else _peace(beats, wanted, chance)
        day = f"{chance.randrange(2013, 2025)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        title = text.partition(". ")[0][:80]
        yield {"id": f"{kind}-{number:06}", "title": title, "text": text, "published": day, "source": "Wire"}


def _peace(beats: dict[str, list[str]], wanted: int, chance: random.Random) -> str:
    """An article of one beat; every fourth sentence is of another, as in a long piece."""
    own = chance.choice([*beats])
    lines: list[str] = []
    words = 0
    while words < wanted:
        beat = own if chance.random() < 0.75 else chance.choice([*beats])
        line = _filled(chance.choice(beats[beat]), chance)
        lines.append(line)
        words += len(line.split())
    return _in_paragraphs(lines, chance)


def _beat(lines: str) -> list[str]:
    """The sentences of a beat, those with words of violence more seldom: in news about one sentence in nine."""
    return [line for line in lines.splitlines() for _ in range(1 if VIOLENT.search(line) else 3)]


def _filled(template: str, chance: random.Random) -> str:
    def value(slot: re.Match[str]) -> str:
        if slot[1] == "number":
            return str(chance.randrange(2, 90))
        if slot[1] == "person":
            return f"{chance.choice(FIRST)} {chance.choice(LAST)}"
        return chance.choice(SLOTS[slot[1]].split("|"))

    line = re.sub(r"\{(\w+)\}", value, template)
    return line[0].upper() + line[1:]


def _in_paragraphs(lines: list[str], chance: random.Random) -> str:
    out, at = [], 0
    while at < len(lines):
        step = chance.randrange(1, 5)
        out.append(" ".join(lines[at : at + step]))
        at += step
    return "\n\n".join(out)


def _conflict(
    paragraphs: list[tuple[str, list[tuple[int, int]]]], towns: list[str], wanted: int, chance: random.Random
) -> str:
    """Paragraphs of several reports, each with other towns and counts."""
    out: list[str] = []
    words = 0
    while words < wanted:
        text, named = chance.choice(paragraphs)
        for start, end in reversed(named):
            text = text[:start] + chance.choice(towns) + text[end:]
        text = re.sub(r"(?<![\d:.,-])[2-9]\d?(?![\d:.,-])", lambda m: str(chance.randrange(2, 60)), text)
        out.append(text)
        words += len(text.split())
    return "\n\n".join(out)


def _paragraphs() -> list[tuple[str, list[tuple[int, int]]]]:
    """Each paragraph of our own reports with the places of the towns named in it."""
    from conflict_events.events import Article
    from conflict_events.extract import Extractor

    extractor = Extractor()
    found = []
    for path in sorted(path for folder in TEXTS for path in folder.glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            text = " ".join(block.split())
            if len(text.split()) < 8:
                continue
            named = []
            for sentence in extractor.reader.sentences(Article(text)):
                extractor.marker.mark(sentence)
                for place in sentence.places:
                    kinds = {extractor.gazetteer.places[i].kind for i in place.ids}
                    if kinds & {"town", "city", "village"}:
                        named.append((sentence.start + place.start, sentence.start + place.end))
            found.append((text, named))
    return found


def _towns() -> list[str]:
    from conflict_events.gazetteer import Gazetteer

    places = Gazetteer.load(layer="none").places
    return sorted(
        {
            places[i].name
            for i in places
            if places[i].country == "SY" and places[i].kind in {"town", "city", "village"}
        }
    )


def main() -> None:
    if len(sys.argv) != 3 or sys.argv[1] not in KINDS or not sys.argv[2].isdecimal():
        sys.exit(f"usage: newswire.py {'|'.join(KINDS)} COUNT")
    for article in articles(sys.argv[1], int(sys.argv[2])):
        print(json.dumps(article))


if __name__ == "__main__":
    main()
