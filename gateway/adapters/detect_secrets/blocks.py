"""Private keys that stand in a text as a block of lines.

Work is linear in the text: every search goes on where the one before it ended.
"""

import re
from collections.abc import Iterator

_BEGIN = re.compile(r"BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-{0,5}")
_END = re.compile(r"END (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?[ -]{0,6}")
_PUTTY_BEGIN = re.compile(r"PuTTY-User-Key-File-\d")
_PUTTY_END = re.compile(r"Private-MAC: ?[0-9a-fA-F]{0,64}")
_KINDS = (("BEGIN ", _BEGIN, _END), ("PuTTY-User", _PUTTY_BEGIN, _PUTTY_END))

_OPENING = re.compile(
    r"(?:-{2,5} ?(?:B|BE|BEG|BEGI|BEGIN(?: [A-Z0-9 ]{0,60})?-{0,4})|(?<![-\w])-{4,5} ?)\Z"
)
_OPENING_REACH = 80
_PUTTY_OPENING = "PuTTY-User-Key-File-"


def private_keys(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of every private key, and whether its last line is there. One without it goes
    on to the end of the text."""
    for literal, begin, end in _KINDS:
        if literal not in text:
            continue
        at = 0
        while opening := begin.search(text, at):
            start, at = opening.span()
            if begin is _BEGIN:
                start = _dashes_before(text, start)
                if start < 0:  # a mention in prose
                    continue
            closing = end.search(text, at)
            if closing is None:
                yield start, len(text), False
                break
            at = closing.end()
            yield start, at, True


def inside_private_key(text: str) -> bool:
    """Whether ``text`` ends in a private key, or in what may become the first line of one."""
    if any(not closed for _, _, closed in private_keys(text)):
        return True
    tail = text[-_OPENING_REACH:]
    if "--" in tail and _OPENING.search(tail):
        return True
    putty = tail.rfind("PuTTY")
    return putty >= 0 and _PUTTY_OPENING.startswith(tail[putty:])


def _dashes_before(text: str, at: int) -> int:
    """Where the two or more dashes start that end at ``at``; -1 when there are none."""
    start = at - 1 if text[at - 1 : at] == " " else at
    first = start
    while first > 0 and text[first - 1] == "-" and start - first < 5:
        first -= 1
    return first if start - first >= 2 else -1
