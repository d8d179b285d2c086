"""Word lists of our own for texts with personal data, read from ``pii_words.txt``."""

import re
from collections.abc import Mapping
from pathlib import Path


def lists(file: Path) -> Mapping[str, tuple[str, ...]]:
    """The lists of a file: each has its name after ``# `` and its words apart by ``|``."""
    text = file.read_text(encoding="utf-8")
    found = {}
    for section in re.split(r"^# ", text, flags=re.MULTILINE)[1:]:
        name, _, words = section.partition("\n")
        found[name] = tuple(word for word in words.replace("\n", "").split("|") if word)
    return found


_found = lists(Path(__file__).with_suffix(".txt"))
FIRST = _found["first"]
LAST = _found["last"]
AMBIGUOUS_FIRST = _found["ambiguous_first"]
AMBIGUOUS_LAST = _found["ambiguous_last"]
HONORIFICS = _found["honorifics"]
PARTICLES = _found["particles"]
JOB_LEADS = _found["job_leads"]
JOBS = _found["jobs"]
JOB_FIELDS = _found["job_fields"]
JOB_ROLES = _found["job_roles"]
PLACES = _found["places"]
COUNTRIES = _found["countries"]
STATES = _found["states"]
REGIONS = _found["regions"]
STATE_CODES = _found["state_codes"]
STREET_WORDS = _found["street_words"]
STREET_TYPES = _found["street_types"]
NATIONALITIES = _found["nationalities"]
ORG_ROOTS = _found["org_roots"]
ORG_TAILS = _found["org_tails"]
ORG_KINDS = _found["org_kinds"]
ORG_FORMS = _found["org_forms"]
ORG_FIELDS = _found["org_fields"]
KNOWN_ORGS = _found["known_orgs"]
MONTHS = _found["months"]
WEEKDAYS = _found["weekdays"]
