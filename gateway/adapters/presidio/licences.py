"""Driving licences whose form Presidio leaves out, by the words around them.

Presidio takes letters and digits for a licence only with ``driver``, ``license`` and the like among
the five words before, and no form with hyphens. Here the form and the word ``licence`` decide
together: the nearer the words are to driving, the plainer the form may be, digits alone included.
Rules of ``introduced.py``.
"""

from collections.abc import Sequence

from gateway.adapters.presidio.introduced import Rule, rule

_OTHER_SORTS = (
    "software|medical|dog|pet|cat|business|nursing|nurse|fishing|hunting|liquor|gun|firearms?|"
    "marriage|product|trade|broadcast|tv|pilot|pilot['’]s|site|volume|enterprise|open|free|bsd|mit|gpl|"
    "contractor|contractor['’]s|professional|teaching|import|export|pharmacy|veterinary|music"
)
_NO_OTHER = rf"(?<!\b(?i:{_OTHER_SORTS})[ -])"
_STATE_FORM = (  # A123456, 12ABC3456, AB123456C, D123-4567-8901, 12345678, 12-345-6789
    r"(?:[A-Za-z]{1,2}\d{5,14}|[A-Za-z]\d(?:-?\d){5,14}[A-Za-z]?|\d{2}[A-Za-z]{3}\d{4}"
    r"|[A-Za-z]{2}\d{6}[A-Za-z]|[A-Za-z](?:-?\d{3,5}){2,4}|[A-Za-z]\d{2}(?:-\d{2}){1,2}-\d{4}"
    r"|\d{7,9}[A-Za-z]?|\d{2}-\d{3}-\d{4}|\d{3}-\d{2}-\d{4})"
)
_HYPHENS = (  # F255-921-123-456-7, D123-4567-8901, K12-34-5678, A1234-56789-01234
    r"(?:[A-Za-z](?:-?\d{3}){4}(?:-\d)?|[A-Za-z]\d{3}-\d{4}-\d{4}(?:-\d\d)?|[A-Za-z]\d{2}-\d{2}-\d{4}"
    r"|[A-Za-z]\d{4}-\d{5}-\d{5})"
)
_FOUR_DIGITS = r"\d(?:[A-Za-z-]{0,4}\d){3}(?:(?<=[\w-]{5})|[\w-])"
"""In every licence: four digits, in a word of five characters."""
_END = r"(?![\w/-]|\.\d)"
_LEAD = r"(?:[\s:=#(\"'|]|\b(?i:is|was|are|it['’]s|my|no|nr|num|number|id)\b\.?){1,8}"
_ON_THE_ROAD = (
    r"(?i:\b(?:driver|drivers|driving|drove|officer|police|trooper|inspector|dmv|dvla|rmv|car|vehicle|"
    r"van|truck|traffic|insured|insurance|rental|hired?|suspended|renew|state|registration)\b)"
)

_SPOKEN_FOR = (
    r"(?:[ ]?(?i:number|num|no|nr|id)\b\.?|[ ]?#)?(?!\p{L})"
    r"(?:[\s:=#(\"'|,?]|\b(?i:is|was|are|it['’]s|my|number|num|no|id|user|caller|customer)\b\.?){1,12}"
    r"(?P<found>(?=(?:[A-Za-z-]{0,4}\d){4})[A-Za-z]{0,3}-?\d[A-Za-z\d]*+(?:-[A-Za-z\d]{2,7}){0,5}+)"
    r"(?<=[A-Za-z\d-]{5})(?![\w/])"
)

RULES: Sequence[Rule] = (
    rule(
        "US_DRIVER_LICENSE",
        0.75,
        "licen",
        r"(?<!\p{L})(?i:(?:driver|drivers|driver['’]s|driving)[ _-]?licen[cs]e)"
        r"(?:[\"']?[ ]*[\n,;|]\s*[\"']?(?i:id|licen[cs]e)[ _-]?(?i:number|num|no)\b[\"']?)?"
        + _SPOKEN_FOR,
        need=_FOUR_DIGITS,
        digits=4,
    ),
    rule(
        "US_DRIVER_LICENSE",
        0.75,
        "dl|d.l.",
        r"(?<!\p{L})(?i:dl|d\.l\.)" + _SPOKEN_FOR,
        need=r"[dD]\.?[lL]\b",
        digits=4,
    ),
    rule(  # a licence of whatever sort, in the form of a driver's
        "US_DRIVER_LICENSE",
        0.5,
        "licen",
        rf"{_NO_OTHER}(?<!\p{{L}})(?i:licen[cs]e)[\"']?{_LEAD}"
        r"(?P<found>[A-Za-z]{1,2}\d(?:-?\d){4,14}[A-Za-z]?|\d{2}[A-Za-z]{3}\d{4}|[A-Za-z]{2}\d{6}[A-Za-z]"
        rf"|{_HYPHENS}){_END}",
        need=_FOUR_DIGITS,
        digits=5,
    ),
    rule(  # digits alone, where the text speaks of cars, drivers or the police
        "US_DRIVER_LICENSE",
        0.55,
        "licen",
        rf"{_NO_OTHER}(?<!\p{{L}})(?i:licen[cs]e)(?!\p{{L}})[\"']?{_LEAD}(?P<found>{_STATE_FORM}){_END}",
        need=_ON_THE_ROAD,
        digits=7,
    ),
    rule(  # License number? User: …; License# …; {"licence": "…"}; nothing else on the line
        "US_DRIVER_LICENSE",
        0.55,
        "licen",
        rf"(?m){_NO_OTHER}(?<!\p{{L}})(?i:licen[cs]e)"
        r"(?:(?:[ ]?#|[\"']?[ ]?:|[ ](?i:number|no)\b\.?[:?])[\s\"'#]{0,3}(?:\p{L}+:\s)?[\"']?"
        r"|(?<=^[ \t]*\p{L}{7})[ ](?=\S+[ \t]*$))"
        rf"(?P<found>{_STATE_FORM}){_END}",
        need=_FOUR_DIGITS,
        digits=5,
    ),
    rule(  # forms with hyphens that are a state's own, as a proof of who someone is
        "US_DRIVER_LICENSE",
        0.5,
        "id|identification|identity|dmv|card",
        r"\b(?i:id|identification|identity|dmv|id[ ]card|identity[ ]card)\b[\s:=#(\"'|]{1,3}"
        rf"(?:(?i:no|nr|number|is)\b\.?[ :]{{1,2}})?(?P<found>{_HYPHENS}){_END}",
        need=r"[A-Za-z]-?\d{2,4}-?\d{2,5}-",
        digits=7,
        long_number=True,
    ),
)
