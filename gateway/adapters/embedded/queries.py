"""What is read from and written to the embedded store. Plain functions over one connection."""

import json
import math
import sqlite3
from collections.abc import Sequence

from gateway.core.knowledge import Access, Chunk, Document
from gateway.core.words import content_words, enough_overlap

MAX_WORDS = 32
"""Words of a question that are searched for; the rest of a very long one is ignored."""

_CANDIDATES = """
WITH best AS MATERIALIZED (
    SELECT p.rowid AS key, -bm25(passages, 2.0, 1.0) AS score
    FROM passages AS p
    JOIN chunks AS c ON c.key = p.rowid
    JOIN documents AS d ON d.key = c.document
    WHERE passages MATCH :query
      AND d.tenant = :tenant
      AND (d.public = 1 OR EXISTS (
            SELECT 1 FROM access AS a
            WHERE a.document = d.key AND a.role IN (SELECT value FROM json_each(:roles))))
    ORDER BY score DESC, p.rowid
    LIMIT :top_k
)
SELECT c.key, c.position, p.text, best.score,
       d.key, d.id, d.version, d.title, d.url, d.path, d.public
FROM best
JOIN chunks AS c ON c.key = best.key
JOIN documents AS d ON d.key = c.document
JOIN passages AS p ON p.rowid = best.key
ORDER BY best.score DESC, best.key
"""

_RARE = 2_000
"""Words that at most so many chunks have are looked up by reading all their chunks' keys."""


def search(
    db: sqlite3.Connection,
    tenant: str,
    question: str,
    roles: frozenset[str],
    top_k: int,
    least: float,
) -> list[Chunk]:
    """The best chunks of ``tenant`` that ``roles`` may see and that are about ``question``."""
    words = content_words(question, MAX_WORDS)
    if not words or top_k < 1:
        return []
    # Words are letters and digits only and are quoted: nothing a user writes is FTS5 syntax.
    rows = db.execute(
        _CANDIDATES,
        {
            "query": " OR ".join(f'"{word}"' for word in words),
            "tenant": tenant,
            "roles": json.dumps(sorted(roles)),
            "top_k": top_k,
        },
    ).fetchall()
    if not rows:
        return []
    weights, matched = _matches(db, words, [row[0] for row in rows])
    kept = [row for row in rows if enough_overlap(weights, matched[row[0]], least)]
    access = _access(db, {row[4]: bool(row[10]) for row in kept})
    return [
        Chunk(
            id=f"{row[5]}#{row[1]}",
            document=row[5],
            version=row[6],
            title=row[7],
            url=row[8],
            path=row[9],
            text=row[2],
            access=access[row[4]],
            score=row[3],
        )
        for row in kept
    ]


def _matches(
    db: sqlite3.Connection, words: Sequence[str], keys: Sequence[int]
) -> tuple[dict[str, float], dict[int, set[str]]]:
    """How much each word says (BM25's inverse document frequency), and which of them each of the
    chunks ``keys`` has. FTS5 answers both, so that both use its stemmer."""
    total = db.execute("SELECT count(*) FROM chunks").fetchone()[0]
    weights: dict[str, float] = {}
    matched: dict[int, set[str]] = {key: set() for key in keys}
    for word in words:
        having, found = _having(db, f'"{word}"', keys)
        weights[word] = math.log(1 + (total - having + 0.5) / (having + 0.5))
        for key in found:
            matched[key].add(word)
    return weights, matched


def _having(db: sqlite3.Connection, phrase: str, keys: Sequence[int]) -> tuple[int, set[int]]:
    """How many chunks have ``phrase``, and which of ``keys`` do."""
    matching = "FROM passages WHERE passages MATCH ?"
    rows = db.execute(f"SELECT rowid {matching} LIMIT ?", (phrase, _RARE + 1)).fetchall()
    if len(rows) <= _RARE:
        return len(rows), {row[0] for row in rows}.intersection(keys)
    count = db.execute(f"SELECT count(*) {matching}", (phrase,)).fetchone()[0]
    rows = db.execute(
        f"SELECT rowid {matching} AND rowid IN (SELECT value FROM json_each(?))",  # noqa: S608
        (phrase, json.dumps(list(keys))),
    ).fetchall()
    return count, {row[0] for row in rows}


def _access(db: sqlite3.Connection, public: dict[int, bool]) -> dict[int, Access]:
    roles: dict[int, set[str]] = {key: set() for key in public}
    for key, role in db.execute(
        "SELECT document, role FROM access WHERE document IN (SELECT value FROM json_each(?))",
        (json.dumps(list(public)),),
    ):
        roles[key].add(role)
    return {key: Access(public[key], frozenset(roles[key])) for key in public}


def put(db: sqlite3.Connection, tenant: str, document: Document, texts: Sequence[str]) -> None:
    """Store or replace a document with its chunks. The caller holds the transaction."""
    remove(db, tenant, document.id)
    key = db.execute(
        "INSERT INTO documents (tenant, id, version, title, url, path, public) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            tenant,
            document.id,
            document.version,
            _storable(document.title),
            document.url,
            document.path,
            int(document.access.public),
        ),
    ).lastrowid
    db.executemany(
        "INSERT INTO access (document, role) VALUES (?, ?)",
        [(key, role) for role in sorted(document.access.roles)],
    )
    for position, text in enumerate(texts):
        chunk = db.execute(
            "INSERT INTO chunks (document, position) VALUES (?, ?)", (key, position)
        ).lastrowid
        db.execute(
            "INSERT INTO passages (rowid, title, text) VALUES (?, ?, ?)",
            (chunk, _storable(document.title), _storable(text)),
        )


def remove(db: sqlite3.Connection, tenant: str, document_id: str) -> bool:
    """Forget a document and its chunks. The caller holds the transaction."""
    row = db.execute(
        "SELECT key FROM documents WHERE tenant = ? AND id = ?", (tenant, document_id)
    ).fetchone()
    if row is None:
        return False
    db.execute(
        "DELETE FROM passages WHERE rowid IN (SELECT key FROM chunks WHERE document = ?)", row
    )
    db.execute("DELETE FROM documents WHERE key = ?", row)  # access and chunks cascade
    return True


def documents(db: sqlite3.Connection, tenant: str) -> list[Document]:
    """All documents of a tenant, by id."""
    rows = db.execute(
        "SELECT key, id, version, title, url, path, public FROM documents "
        "WHERE tenant = ? ORDER BY id",
        (tenant,),
    ).fetchall()
    access = _access(db, {row[0]: bool(row[6]) for row in rows})
    return [Document(row[1], row[2], row[3], row[4], row[5], access[row[0]]) for row in rows]


def _storable(text: str) -> str:
    """The text without lone surrogates, which UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()
