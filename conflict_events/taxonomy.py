"""ACLED's sub-event types by the names that the rules use, and their order in the hierarchy.

The table is data/taxonomy.csv; here stands which of its rows the rules speak of.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

NON_STATE_CAPTURE = "Non-state actor overtakes territory"
STATE_CAPTURE = "Government regains territory"
TRANSFER = "Non-violent transfer of territory"
CLASH = "Armed clash"
ATTACK = "Attack"
SHELLING = "Shelling/artillery/missile attack"
AIR = "Air/drone strike"
IED = "Remote explosive/landmine/IED"
SUICIDE = "Suicide bomb"
GRENADE = "Grenade"
ABDUCTION = "Abduction/forced disappearance"
ARRESTS = "Arrests"
EXCESSIVE = "Excessive force against protesters"
INTERVENTION = "Protest with intervention"
PEACEFUL = "Peaceful protest"
MOVED = "Change to group/activity"
LOOTING = "Looting/property destruction"
DISARMED = "Disrupted weapons use"
CAPTURES = frozenset({NON_STATE_CAPTURE, STATE_CAPTURE})

BATTLES, PROTESTS, RIOTS = "Battles", "Protests", "Riots"
EXPLOSIONS = "Explosions/Remote violence"
VIOLENCE = "Violence against civilians"
STRATEGIC = "Strategic developments"

TABLE = Path(__file__).parent / "data" / "taxonomy.csv"


@cache
def ranks() -> Mapping[str, int]:
    """Place of each event type in ACLED's hierarchy, and of each sub-event type within its own; 1 is highest."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    types = {row["event_type"]: int(row["event_rank"]) for row in rows}
    return types | {row["sub_event_type"]: int(row["sub_rank"]) for row in rows}
