"""Street addresses as they are written in the United States, Britain and Germany.

A house number, a street that says it is one (``Street``, ``Ave``, ``-straße``), and then, where it
follows, the flat, the town and the postal code. Streets without such a word (``12 Broadway``) are
left to a tagger. How often it is right was measured: ``docs/guides/pii.md``.
"""

from gateway.adapters.presidio.introduced import Rule, rule

_WORD = r"(?:\p{Lu}[\p{L}\d]*+(?:['’.-]\p{L}++){0,2}\.?|\d[\p{L}\d]*+(?:['’-]\p{L}++){0,2})"
_TYPES = (
    "Street|Str|St|Avenue|Ave|Av|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|"
    "Sq|Terrace|Ter|Terr|Way|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Trail|Trl|Crescent|Cres|Close|"
    "Mews|Alley|Plaza|Turnpike|Tpke|Expressway|Loop|Gardens|Gdns|Grove|Hill|Row|Walk|Quay|Wharf"
)
_FLAT = r"(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|Room|Rm|Box)\.?\s?#?\s?|#\s?"
_STATE = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|"
    "T[NX]|UT|V[AT]|W[AIVY]|[A-Z][a-z]+(?:\\s[A-Z][a-z]+)?"
)
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
_TOWN = r"\p{Lu}[\p{L}.'’-]++(?:[ -]\p{Lu}?[\p{L}.'’-]++){0,3}"
_SEP = r"(?:,\s{0,2}|\s{1,2})"

_ENGLISH = (
    rf"(?<![\w$€£.,/-])(?<!\b(?i:in|since|of|by|for)\s(?=(?:19|20)\d\d\s))"
    rf"\d{{1,6}}[A-Za-z]?(?:-\d{{1,5}})?[ \t](?:[NSEW]{{1,2}}\.?\s)?"
    rf"(?:(?!(?:{_TYPES})\b){_WORD}[ \t]){{1,4}}(?:{_TYPES})\b\.?(?:\s[NSEW]{{1,2}}\b)?"
    rf"(?:{_SEP}(?:{_FLAT})[\w-]{{1,6}})?"
    rf"(?:{_SEP}{_TOWN},?{_SEP}(?:(?:{_STATE}),?\s{{1,2}}\d{{5}}(?:-\d{{4}})?\b|{_POSTCODE}\b)"
    rf"|{_SEP}(?:\d{{5}}\b|{_POSTCODE}\b))?"
)
_GERMAN = (
    r"(?<![\w-])(?:\p{Lu}[\p{L}-]*+(?<=straße|strasse|str|gasse|allee|[a-zäöüß]{3}platz|[a-zäöüß]weg|damm"
    r"|ufer)\.?|(?!(?:Der|Die|Das|Den|Dem|Auf|Am|Im)\s)(?:\p{Lu}[\p{L}.-]++\s){1,3}(?:Straße|Strasse|Str\.|Allee|Platz|Weg|"
    rf"Damm|Ufer|Gasse))\s\d{{1,4}}(?:\s?[a-z])?\b(?:{_SEP}(?:D-)?\d{{5}}\s{_TOWN})?"
)

RULES: tuple[Rule, ...] = (
    rule(
        "STREET_ADDRESS",
        0.75,
        "",
        rf"(?P<found>{_ENGLISH})",
        need=r"\d[A-Za-z]?\s[^\Wa-z_]",
    ),
    rule(
        "STREET_ADDRESS",
        0.75,
        "straße|strasse|str|gasse|allee|platz|weg|damm|ufer",
        rf"(?P<found>{_GERMAN})",
        need=r"[a-zß.]\s\d",
    ),
)
