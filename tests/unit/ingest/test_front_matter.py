"""Front-matter: title, address, and who may see a document."""

import pytest

from gateway.core.knowledge import Access
from gateway.ingest.front_matter import BadFrontMatter, Defaults, access_of, read, split

PUBLIC, SUPPORT = Defaults(public=True), Defaults(roles=frozenset({"support"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\ntitle: x\n---\nbody", ("title: x\n", "body")),
        ("\ufeff---\r\ntitle: x\r\n---\r\nbody", ("title: x\r\n", "body")),
        ("---\n---\nbody", ("", "body")),
        ("---\ntitle: x\n---", ("title: x\n", "")),
        ("body\n---\nroles: [a]\n---\n", (None, "body\n---\nroles: [a]\n---\n")),
        ("\n\n---\ntitle: x\n---\nbody", ("title: x\n", "body")),
        ("---\na line above a text", (None, "---\na line above a text")),
        ("", (None, "")),
    ],
)
def test_front_matter_stands_at_the_very_start(text: str, expected: tuple[str | None, str]) -> None:
    assert split(text) == expected


def test_front_matter_that_is_never_closed_is_an_error() -> None:
    with pytest.raises(BadFrontMatter, match="closed"):
        split("---\nroles: [finance]\n\nbody")


@pytest.mark.parametrize(
    ("source", "defaults", "expected"),
    [
        ("roles: [finance]", Defaults(), Access(False, frozenset({"finance"}))),
        ("roles: [finance]", PUBLIC, Access(False, frozenset({"finance"}))),
        ("public: true", SUPPORT, Access(True, frozenset())),
        ("public: false", PUBLIC, Access(False, frozenset())),
        ("roles: []", SUPPORT, Access(False, frozenset())),
        ("title: x", Defaults(), Access(False, frozenset())),
        ("title: x", SUPPORT, Access(False, frozenset({"support"}))),
        ("", PUBLIC, Access(True, frozenset())),
    ],
)
def test_defaults_never_widen_what_a_document_says(
    source: str, defaults: Defaults, expected: Access
) -> None:
    assert access_of(read(source), defaults) == expected


@pytest.mark.parametrize(
    "source",
    [
        "role: [finance]",
        "roles: finance",
        "roles: [1]",
        "public: 'yes'",
        "public: 1",
        "roles: [finance",
        "- a list",
        "just words",
        "roles: [a]\nroles: [b]",
        "title: !!python/object/apply:os.system [x]",
    ],
)
def test_doubtful_front_matter_is_an_error(source: str) -> None:
    with pytest.raises(BadFrontMatter):
        read(source)
