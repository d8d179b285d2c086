"""What is wrong in a configuration file, and where. Errors of a running exchange are in core."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``line`` and ``column`` count from 1; line 0 means the file as a whole."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    source_line: str = ""

    def __str__(self) -> str:
        if self.line == 0:
            head = f"{self.file}: {self.message}"
        else:
            head = f"{self.file}:{self.line}:{self.column}: {self.message}"
        parts = [head]
        if self.source_line.strip():
            # The caret's padding keeps the tabs of the line, so that both are as wide on a screen.
            before = self.source_line[: self.column - 1]
            padding = "".join("\t" if character == "\t" else " " for character in before)
            parts += [f"    {self.source_line.rstrip()}", f"    {padding}^"]
        if self.hint:
            parts.append(f"  hint: {self.hint}")
        return "\n".join(parts)


class ConfigError(Exception):
    """Configuration that cannot be used, with every problem that was found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        ordered = sorted(set(problems), key=lambda p: (p.file, p.line, p.column, p.message))
        self.problems: tuple[Problem, ...] = tuple(ordered)
        super().__init__("\n".join(str(problem) for problem in ordered))


class UnreadableFile(ConfigError):
    """A file that is missing, not permitted to be read, or not UTF-8."""


class YamlSyntaxError(ConfigError):
    """A file that is not YAML, or says the same key twice."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """A hint that names what was probably meant, or else what there is."""
    names = sorted(set(known))
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known here: {', '.join(names)}" if names else ""
