"""The note of a row, in the manner of ACLED: when, who with whom, did what, to whom, where, and how many died.

It is made from the row alone, so that it says what the row says; the reporter's words stand in `sentence`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .events import Event
from .lexicon import Lexicon

_DEEDS = {
    "Government regains territory": "{a} regained control of {place}{from_b}",
    "Non-state actor overtakes territory": "{a} took control of {place}{from_b}",
    "Armed clash": "clashes took place between {a} and {b} {at}",
    "Excessive force against protesters": "{a} used force against {b} {at}",
    "Protest with intervention": "{b} intervened in a demonstration {by_a}{at}",
    "Peaceful protest": "a demonstration {by_a}took place {at}",
    "Violent demonstration": "{a} demonstrated violently {at}",
    "Mob violence": "a crowd of {a} used violence{against_b} {at}",
    "Chemical weapon": "{a} used a chemical weapon{against_b} {at}",
    "Air/drone strike": "{a} carried out air or drone strikes{on_b} {at}",
    "Suicide bomb": "{a} carried out a suicide bombing{against_b} {at}",
    "Shelling/artillery/missile attack": "{a} fired shells or missiles{at_b} {at}",
    "Remote explosive/landmine/IED": "an explosive device, mine or shell left by {a} went off{hitting_b} {at}",
    "Grenade": "{a} threw a grenade{at_b} {at}",
    "Sexual violence": "{a} committed sexual violence{against_b} {at}",
    "Attack": "{a} attacked {b} {at}",
    "Abduction/forced disappearance": "{a} abducted or held {b} {at}",
    "Agreement": "{a} reached an agreement{with_b} {at}",
    "Arrests": "{a} arrested {b} {at}",
    "Change to group/activity": "{a} moved forces or changed activity {at}",
    "Disrupted weapons use": "{a} seized, intercepted or disarmed weapons{of_b} {at}",
    "Headquarters or base established": "{a} set up a base or post {at}",
    "Looting/property destruction": "{a} looted or destroyed property{of_b} {at}",
    "Non-violent transfer of territory": "{a} gained control of {place} without fighting{from_b}",
    "Other": "a strategic development involving {a} was reported {at}",
}
_WITH_B = {"from", "on", "with", "of", "at", "against", "hitting"}
_NOBODY = "an unidentified actor"
# Names that take the article: what they end in is a common noun.
_COMMON = re.compile(
    r"^(?:Military|Police|Government|Army|Free|Popular|National|Global|Allied)\b|"
    r"(?:Forces?|Government|Army|Front|Coalition|Movement|Council|Party|Units?|Brigades?|Division|Battalions?|Militia|"
    r"Group|Corps|Room|Nations|Directorate|Police|Companies|Shield|Regiment|Agency|Office|Army of \w+)$"
)
_TOTAL = re.compile(r"total of (\d+) split over (\d+) places")


def note(event: Event, lexicon: Lexicon) -> str:
    """A sentence or two on the row: date, actors with their associates, deed, place, deaths and assumptions."""
    a = _side(event.actor1, event.assoc_actor_1, lexicon)
    b = _side(event.actor2, event.assoc_actor_2, lexicon)
    kind = lexicon.taxonomy[event.sub_event_type]
    words = {f"{word}_b": f" {word} {b}" if b else "" for word in _WITH_B}
    form = _DEEDS[event.sub_event_type]
    crowd = _listed([spoken(name, lexicon) for name in event.assoc_actor_1]) if "{by_a}" in form else ""
    deed = form.format(
        a=a or _NOBODY,
        b=b or _NOBODY,
        at=_at(event),
        place=_held(event),
        by_a=f"by {crowd} " if crowd else "",
        **words,
    )
    label = f"{kind.label} " if kind.label else ""
    return " ".join(part for part in (f"{label}{_when(event)}, {deed}.", _deaths(event)) if part)


def spoken(actor: str, lexicon: Lexicon) -> str:
    """The name of an actor as it stands in a sentence: without years and short form, with its article."""
    name, unit = _parts(actor)
    if name.startswith("Unidentified "):
        name = name.lower()
        return name if name.endswith(("forces", "soldiers")) else f"an {name}"
    if actor in lexicon.identities or name in {"Civilians", "Protesters", "Rioters"}:
        return name.lower()
    if name.endswith(("Rebels", "Smugglers", "Militias")):
        return name[0].lower() + name[1:].replace("Rebels", "rebels")
    article = "the " if _COMMON.search(name) and not name.startswith("The ") else ""
    return f"the {unit} of {article}{name}" if unit else article + name


def _parts(actor: str) -> tuple[str, str]:
    """Name and unit of "JaN: Name (years) Unit"."""
    bare = re.sub(r"^[\w-]{2,8}: ", "", actor)
    name, _, rest = bare.partition(" (")
    return name.strip(), rest.partition(")")[2].strip()


def _side(main: str, associates: Sequence[str], lexicon: Lexicon) -> str:
    """A main actor with those beside it: "the army (with Hezbollah)", "civilians (women, children)"."""
    if not main:
        return ""
    others = [spoken(name, lexicon) for name in associates]
    if not others:
        return spoken(main, lexicon)
    if _parts(main)[0] in {"Civilians", "Protesters", "Rioters"}:
        return f"{spoken(main, lexicon)} ({', '.join(others)})"
    return f"{spoken(main, lexicon)} (with {_listed(others)})"


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _area(event: Event) -> str:
    other = event.admin1 and event.admin1 != event.location
    return f"{event.location} in {event.admin1}" if other else event.location


def _at(event: Event) -> str:
    if not event.location:
        return "at an unknown place"
    return f"{ {1: 'in', 2: 'near'}.get(event.geo_precision or 3, 'in the region of') } {_area(event)}"


def _held(event: Event) -> str:
    # a region's row stands at its capital, which is not what changed hands
    if event.geo_precision == 3 and event.location:
        return f"places in the region of {_area(event)}"
    return _area(event) or "an unknown place"


def _when(event: Event) -> str:
    day = event.event_date
    if day is None:
        return "On an unknown date"
    text = f"{day.day} {day:%B %Y}"
    return {2: f"Around {text} (week of)", 3: f"Around {text} (month of)"}.get(
        event.time_precision or 1, f"On {text}"
    )


def _deaths(event: Event) -> str:
    """How many died, and what was assumed: a plural without a number, a total split over places."""
    if not event.fatalities:
        return "No fatalities reported."
    count = f"{event.fatalities} {'fatality' if event.fatalities == 1 else 'fatalities'}"
    if "assumed" in event.fatalities_text:
        return f"Unknown fatalities coded as {event.fatalities}."
    if total := _TOTAL.search(event.fatalities_text):
        return f"{count} coded: {total[1]} reported, split over {total[2]} places."
    return f"{count} reported."
