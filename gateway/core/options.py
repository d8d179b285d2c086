"""The base of everything a YAML file may say about a stage, a guard or an adapter."""

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """Options of one feature, owned by the file that uses them. Unknown keys are errors.

    Give every field a description: it becomes the generated reference and the JSON Schema.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class OptionError(ValueError):
    """A value that cannot work, found when it was put to use. ``at`` is where it stands below the
    options."""

    def __init__(self, message: str, *at: str | int) -> None:
        super().__init__(message)
        self.at = at
