"""Bringing a store up to date with a folder."""

from pathlib import Path

import pytest

from gateway.core.errors import KnowledgeUnavailable
from gateway.ingest.front_matter import Defaults
from gateway.ingest.run import Summary, ingest
from gateway.testing.knowledge import MemoryKnowledge

NO_ROLES: frozenset[str] = frozenset()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    (folder / "refunds.md").write_text("---\npublic: true\n---\n# Refunds\n\nWithin 30 days.\n")
    (folder / "sub" / "pay.txt").write_text("Payroll budget numbers.")
    (folder / "sub" / "pay.txt.meta.yaml").write_text("roles: [finance]\ntitle: Payroll")
    (folder / "page.html").write_text("<title>Hours</title><p>Opening hours daily.")
    (folder / "page.html.meta.yaml").write_text("public: true\nurl: https://e.test/hours")
    (folder / "image.png").write_bytes(b"not read")
    (folder / ".hidden.md").write_text("not read")
    return folder


def counts(summary: Summary) -> str:
    return str(summary)


async def test_folder_is_added_with_metadata(root: Path) -> None:
    store = MemoryKnowledge()
    summary = await ingest(store, root, "t")
    assert counts(summary) == "3 added, 0 updated, 0 unchanged, 0 removed"
    page, refunds, pay = await store.documents("t")
    assert (page.id, page.title, page.url) == ("docs/page.html", "Hours", "https://e.test/hours")
    assert (refunds.id, refunds.title, refunds.path) == (
        "docs/refunds.md", "Refunds", "docs/refunds.md"
    )  # fmt: skip
    assert (pay.id, pay.title) == ("docs/sub/pay.txt", "Payroll")
    assert pay.access.roles == {"finance"}
    assert not summary.warnings


async def test_second_run_touches_only_what_changed(root: Path) -> None:
    store = MemoryKnowledge()
    await ingest(store, root, "t")
    assert counts(await ingest(store, root, "t")) == "0 added, 0 updated, 3 unchanged, 0 removed"
    (root / "refunds.md").write_text("---\npublic: true\n---\n# Refunds\n\nWithin 60 days.\n")
    (root / "page.html").unlink()
    (root / "new.md").write_text("---\npublic: true\n---\nnew words here\n")
    assert counts(await ingest(store, root, "t")) == "1 added, 1 updated, 1 unchanged, 1 removed"
    (chunk,) = await store.search("t", "days", NO_ROLES, 5)
    assert "60" in chunk.text


async def test_changed_roles_take_effect_also_from_a_sidecar(root: Path) -> None:
    store = MemoryKnowledge()
    await ingest(store, root, "t")
    (root / "sub" / "pay.txt.meta.yaml").write_text("roles: [board]")
    (root / "refunds.md").write_text("---\nroles: [support]\n---\n# Refunds\n\nWithin 30 days.\n")
    assert (await ingest(store, root, "t")).updated == ["docs/refunds.md", "docs/sub/pay.txt"]
    assert await store.search("t", "days", NO_ROLES, 5) == []
    assert await store.search("t", "payroll", frozenset({"finance"}), 5) == []
    assert await store.search("t", "payroll", frozenset({"board"}), 5)


async def test_changed_defaults_take_effect(root: Path) -> None:
    store = MemoryKnowledge()
    (root / "silent.md").write_text("silent words")
    await ingest(store, root, "t", defaults=Defaults(public=True))
    assert await store.search("t", "silent", NO_ROLES, 5)
    summary = await ingest(store, root, "t")
    assert await store.search("t", "silent", NO_ROLES, 5) == []
    assert "visible to no one" in summary.warnings["docs/silent.md"]


async def test_document_without_access_is_warned_about_every_time(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryKnowledge()
    (root / "silent.md").write_text("silent words")
    for _ in range(2):
        summary = await ingest(store, root, "t")
        assert list(summary.warnings) == ["docs/silent.md"]
    assert caplog.text.count("visible to no one") == 2
    assert await store.search("t", "silent", frozenset({"finance"}), 5) == []


async def test_broken_files_do_not_stop_the_rest(root: Path) -> None:
    store = MemoryKnowledge()
    (root / "a.pdf").write_bytes(b"broken")
    (root / "b.txt").write_bytes(b"\xff\xfe\x00")
    (root / "c.md").write_text("---\npublic: true\n---\n")
    (root / "d.md").write_text("---\nrole: [x]\n---\nbody")
    summary = await ingest(store, root, "t")
    assert len(summary.added) == 3
    assert list(summary.errors) == ["docs/a.pdf", "docs/b.txt", "docs/c.md", "docs/d.md"]
    assert counts(summary).endswith("0 removed, 4 failed")


async def test_unreadable_change_keeps_the_last_good_version(root: Path) -> None:
    store = MemoryKnowledge()
    await ingest(store, root, "t")
    (root / "refunds.md").write_bytes(b"---\npublic: true\n---\n\xff\xfe")
    summary = await ingest(store, root, "t")
    assert list(summary.errors) == ["docs/refunds.md"]
    assert await store.search("t", "days", NO_ROLES, 5)


async def test_broken_front_matter_withdraws_the_document(root: Path) -> None:
    store = MemoryKnowledge()
    await ingest(store, root, "t")
    (root / "refunds.md").write_text("---\nrolse: [finance]\n---\n# Refunds\n\nWithin 30 days.\n")
    summary = await ingest(store, root, "t")
    assert summary.removed == ["docs/refunds.md"]
    assert "withdrawn" in summary.errors["docs/refunds.md"]
    assert await store.search("t", "days", NO_ROLES, 5) == []


async def test_other_folders_and_tenants_are_left_alone(root: Path, tmp_path: Path) -> None:
    store = MemoryKnowledge()
    other = tmp_path / "other"
    other.mkdir()
    (other / "x.md").write_text("---\npublic: true\n---\nother words")
    await ingest(store, other, "t")
    await ingest(store, root, "t")
    await ingest(store, root, "u")
    assert len(await store.documents("t")) == 4
    assert len(await store.documents("u")) == 3


async def test_single_file_has_the_id_it_has_in_its_folder(root: Path) -> None:
    store = MemoryKnowledge()
    await ingest(store, root, "t")
    summary = await ingest(store, root / "refunds.md", "t")
    assert summary.unchanged == ["docs/refunds.md"]
    assert summary.removed == []


async def test_links_out_of_the_folder_are_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("---\npublic: true\n---\noutside")
    (root / "link.md").symlink_to(tmp_path / "outside.md")
    store = MemoryKnowledge()
    assert len((await ingest(store, root, "t")).added) == 3


async def test_progress_ends_at_the_total(root: Path) -> None:
    seen: list[tuple[int, int]] = []
    await ingest(MemoryKnowledge(), root, "t", progress=lambda *at: seen.append(at))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


async def test_missing_folder_and_failing_store_raise(root: Path, tmp_path: Path) -> None:
    store = MemoryKnowledge()
    with pytest.raises(FileNotFoundError):
        await ingest(store, tmp_path / "nowhere", "t")
    store.failing = True
    with pytest.raises(KnowledgeUnavailable):
        await ingest(store, root, "t")
