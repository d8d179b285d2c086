"""``python -m training.pii_generated DATA COUNT SEED``: how well patterns find personal data in
texts of our own generator.

Prints the tables of ``training.pii_report``, without a tagger. Only what the tagger learns is
labelled in these texts: cards, e-mail addresses and the like say nothing here. Set
``PYTHONHASHSEED=0`` for the same texts each time.
"""

import asyncio
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from random import Random

from gateway.adapters.presidio.recognizer import PresidioRecognizer
from training.generate.pii import examples
from training.pii_report import reported

LEAST = 0.5
"""The threshold of a rule that names none."""


async def run(arguments: Sequence[str]) -> int:
    parser = ArgumentParser(prog="python -m training.pii_generated")
    parser.add_argument("data", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("seed", type=int)
    options = parser.parse_args(arguments)
    texts = list(examples(Random(options.seed), options.count, options.data))
    plain = PresidioRecognizer()
    await reported("patterns, on generated texts", plain, texts, LEAST)
    plain.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(run(sys.argv[1:])))
