"""Ways to hide a sentence from a reader of plain text."""

import base64
import codecs
import random
from collections.abc import Callable, Mapping

_LEET = str.maketrans("aeiost", "431057")
_WORDS = [
    "apple",
    "boat",
    "candle",
    "door",
    "elm",
    "fox",
    "garden",
    "hat",
    "island",
    "jam",
    "kettle",
    "lemon",
    "mouse",
    "night",
    "orange",
    "paper",
    "queen",
    "river",
    "stone",
    "tiger",
    "umbrella",
    "violin",
    "window",
    "xylophone",
    "yellow",
    "zebra",
    "acorn",
    "bread",
    "cloud",
    "dish",
    "east",
    "fern",
    "glass",
    "house",
    "ink",
    "jacket",
    "kite",
    "lamp",
    "moon",
    "nose",
    "oven",
    "pencil",
    "quilt",
    "rain",
    "sugar",
    "table",
    "uncle",
    "vase",
    "wool",
    "yarn",
    "zinc",
]


def _halves(text: str, cut: float) -> tuple[str, str]:
    at = round(len(text) * cut)
    return text[:at], text[at:]


def _shuffled(text: str, cut: float) -> str:
    words = text.split()
    random.Random(cut).shuffle(words)
    return " / ".join(words)


def _acrostic(text: str, cut: float) -> str:
    """Words whose first letters spell the text's."""
    draw = random.Random(cut)
    letters = [letter for letter in text.lower() if letter.isalpha()]
    chosen = (draw.choice([word for word in _WORDS if word[0] == letter]) for letter in letters)
    return " ".join(chosen)


def _blanked(text: str, cut: float) -> str:
    """The text without some of its vowels."""
    draw = random.Random(cut)
    return "".join("_" if c in "aeiou" and draw.random() < 0.6 else c for c in text)


DISGUISES: Mapping[str, Callable[[str, float], str]] = {
    "part1": lambda text, cut: _halves(text, cut)[0],
    "part2": lambda text, cut: _halves(text, cut)[1],
    "reversed": lambda text, cut: text[::-1],
    "rot13": lambda text, cut: codecs.encode(text, "rot13"),
    "base64": lambda text, cut: base64.b64encode(text.encode()).decode(),
    "hex": lambda text, cut: text.encode().hex(" " if cut < 0.5 else "-"),
    "spaced": lambda text, cut: " ".join(text.replace(" ", "")),
    "dashed": lambda text, cut: "-".join(text.replace(" ", "")),
    "leet": lambda text, cut: text.translate(_LEET),
    "acrostic": _acrostic,
    "shuffled": _shuffled,
    "numbered": lambda text, cut: ", ".join(
        f"{at} = {word}" if at > 1 else word for at, word in enumerate(text.split(), start=1)
    ),
    "blanked": _blanked,
}
"""What a disguise makes of a text, given a number between 0 and 1 that decides its choices."""
