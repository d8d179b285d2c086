"""Documentation that cannot lag: names in the code have their page, links lead somewhere."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gateway.app.catalog import guard_registry, provider_registry, stage_registry
from gateway.core import errors
from gateway.core.errors import GatewayError
from gateway.core.registry import Registry

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
REGISTRIES: dict[str, Registry[Any]] = {
    "stages.md": stage_registry(),
    "guards.md": guard_registry(),
    "providers.md": provider_registry(),
}


def _codes(error: type[GatewayError] = GatewayError) -> Iterator[str]:
    if error.code is not None:
        yield error.code
    for kind in error.__subclasses__():
        yield from _codes(kind)


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as Markdown renderers make them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found}


@pytest.mark.parametrize("code", sorted(set(_codes())))
def test_every_error_code_has_a_page(code: str) -> None:
    page = (DOCS / "errors" / f"{code}.md").read_text(encoding="utf-8")
    for part in (f"# {code}\n", "## Why", "## How to mend it"):
        assert part in page
    assert f"({code}.md)" in (DOCS / "errors" / "index.md").read_text(encoding="utf-8")


def test_no_error_page_is_of_a_code_that_is_gone() -> None:
    pages = {page.stem for page in (DOCS / "errors").glob("*.md")} - {"index"}
    assert pages == set(_codes())
    assert errors.GatewayError.code in pages


@pytest.mark.parametrize("page", REGISTRIES)
def test_everything_registered_has_a_section(page: str) -> None:
    anchors = _anchors(DOCS / "reference" / page)
    assert {entry.name for entry in REGISTRIES[page]} <= anchors


def test_generated_pages_are_fresh() -> None:
    assert _generator().stale() == [], "mend it with: make docs"


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor and target.suffix == ".md":
            assert anchor in _anchors(target), f"{link}: no such heading"
