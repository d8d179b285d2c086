"""``${...}`` in configuration values: environment variables and secret files."""

import re
from collections.abc import Mapping
from pathlib import Path

_PLACEHOLDER = re.compile(r"\$(?:(\$)|\{([^{}]*)\}|(\{))")
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::([-?])(.*))?\Z", re.DOTALL)
_WHOLE = re.compile(r"\$\{[^{}]*\}\Z")


class InterpolationError(ValueError):
    """A placeholder that has no value. ``hint`` says how to mend it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def is_single_placeholder(text: str) -> bool:
    """Whether the text is one ``${...}`` and nothing else."""
    return _WHOLE.match(text) is not None


def interpolate(text: str, environ: Mapping[str, str], base: Path) -> str:
    """The text with every placeholder replaced, once: a value is never looked into again.

    ``${NAME}`` must be set; ``${NAME:-default}`` falls back when NAME is unset or empty;
    ``${NAME:?message}`` fails with the message; ``${file:path}`` is a file's content without the
    newline at its end, relative to ``base``; ``$$`` is a dollar sign. (The forms are those of the
    POSIX shell and of Compose files.) Raises InterpolationError.
    """

    def replacement(match: re.Match[str]) -> str:
        if match.group(1):
            return "$"
        if match.group(3):
            raise InterpolationError("'${' is never closed", "add the '}', or write $${ for '${'")
        return _value(match.group(2), environ, base)

    return _PLACEHOLDER.sub(replacement, text)


def _value(inside: str, environ: Mapping[str, str], base: Path) -> str:
    if inside.startswith("file:"):
        return _file(base / inside.removeprefix("file:").strip())
    parsed = _VARIABLE.match(inside)
    if parsed is None:
        raise InterpolationError(
            f"'${{{inside}}}' is not a placeholder",
            "write ${NAME}, ${NAME:-default}, ${NAME:?message} or ${file:/path}; $$ is a dollar",
        )
    name, operator, operand = parsed.groups()
    value = environ.get(name)
    if operator == "-":
        return value or operand
    if operator == "?" and not value:
        raise InterpolationError(
            f"{name}: {operand or 'must be set'}", f"set the environment variable {name}"
        )
    if value is None:
        raise InterpolationError(
            f"the environment variable {name} is not set",
            f"set it, or give a default with ${{{name}:-...}}",
        )
    return value


def _file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except FileNotFoundError:
        raise InterpolationError(
            f"there is no file {path}", "create it, or mend the path"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InterpolationError(f"cannot read {path}: {error}", "it must be UTF-8 text") from None
