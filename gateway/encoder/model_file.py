"""The files of a model as they ship: checked against their manifest before anything reads them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
SHIPPED = Path(__file__).parent / "model"
"""The folder of the model that comes with the package."""

_MEND = "reinstall the gatehouse package, or rebuild the files with `make models DATA=…`"


class ModelFileError(ValueError):
    """A model that cannot be used as it lies there. Says what is wrong, where, how to mend it."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A folder of model files that were found to be what their manifest says.

    ``heads`` and ``tags`` name the network's outputs in their order. ``window`` counts the tokens
    of a window with the two marks at its ends, ``overlap`` those that neighbours share at least.
    ``calibration`` belongs to the detectors that read the outputs.
    """

    folder: Path
    version: str
    heads: tuple[str, ...]
    tags: tuple[str, ...]
    window: int
    overlap: int
    calibration: Mapping[str, Any]

    def path(self, name: str) -> Path:
        """Where a file of the model lies."""
        return self.folder / name


def open_model(folder: Path) -> ModelFiles:
    """The model in ``folder``. Raises ModelFileError when the manifest or a file is missing, cannot
    be read, or is not what it should be."""
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ModelFileError(
            f"{folder}: there is no {MANIFEST}, so no encoder model to load; {_MEND}"
        ) from None
    except (OSError, ValueError) as error:
        raise ModelFileError(f"{path}: cannot be read ({error}); {_MEND}") from error
    try:
        files = {str(name): str(digest) for name, digest in document["files"].items()}
        window = document["window"]
        model = ModelFiles(
            folder=folder,
            version=str(document["version"]),
            heads=tuple(document["heads"]),
            tags=tuple(document["tags"]),
            window=int(window["tokens"]),
            overlap=int(window["overlap"]),
            calibration=document["calibration"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFileError(
            f"{path}: not a manifest of this version of Gatehouse ({error!r}); {_MEND}"
        ) from error
    # Windows overlap by less than half, or they would never reach the end of a text.
    if not 0 <= model.overlap < (model.window - 2) // 2:
        raise ModelFileError(
            f"{path}: windows of {model.window} tokens cannot overlap by {model.overlap}; {_MEND}"
        )
    for name, digest in files.items():
        verify(folder, name, digest)
    return model


def verify(folder: Path, name: str, digest: str) -> None:
    """Raises ModelFileError when the file is missing or not the one with this SHA-256."""
    path = folder / name
    if Path(name).name != name:
        raise ModelFileError(f"{folder / MANIFEST}: {name!r} is not the name of a file; {_MEND}")
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        reason = error.strerror or repr(error)
        raise ModelFileError(f"{path}: cannot be read ({reason}); {_MEND}") from error
    if found != digest:
        raise ModelFileError(
            f"{path}: the SHA-256 is {found}, the manifest says {digest}: the file is damaged or "
            f"belongs to another version; {_MEND}"
        )
