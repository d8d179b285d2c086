"""``gatehouse ask``: a question to a running gateway."""

import http.client
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from gateway.cli.output import print_json

_HEADERS = ("x-request-id", "x-gatehouse-", "x-ratelimit-remaining", "server-timing")
_TIMEOUT = 120.0


@click.command("ask")
@click.argument("question")
@click.option("--model", default="assistant", show_default=True, help="The model to ask.")
@click.option("--key", envvar="GATEHOUSE_KEY", help="The API key (or GATEHOUSE_KEY).")
@click.option("--as", "demo_name", help="Use the demo key of this name, such as support.")
@click.option(
    "--demo-keys",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("var/demo-keys.json"),
    show_default=True,
    help="Where the demo keys are kept; the first is used when no key is given.",
)
@click.option(
    "--url",
    envvar="GATEHOUSE_URL",
    default="http://127.0.0.1:8080/v1",
    show_default=True,
    help="Address of the gateway (or GATEHOUSE_URL).",
)
@click.option("--system", help="A system prompt.")
@click.option("--stream", is_flag=True, help="Print the answer as it comes.")
@click.option("--json", "as_json", is_flag=True, help="Print the gateway's answer as it is.")
def ask_command(
    question: str,
    model: str,
    key: str | None,
    demo_name: str | None,
    demo_keys: Path,
    url: str,
    system: str | None,
    stream: bool,
    as_json: bool,
) -> None:
    """Ask a running gateway a QUESTION.

    Prints the answer and its citations; decision headers go to stderr. Exit code 1 when the
    gateway refuses.

    \b
    Examples:
      gatehouse ask "How long do customers have to ask for a refund?"
      gatehouse ask --as finance --stream "What is this year's payroll budget?"
      gatehouse ask --url https://ai.example.com/v1 --key sk-... "Hello"
    """
    chosen = _demo_key(demo_keys, demo_name) if demo_name or not key else key
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": question})
    body = {"model": model, "messages": messages, "stream": stream}
    connection, path = _connect(url)
    sent = {"authorization": f"Bearer {chosen}", "content-type": "application/json"}
    try:
        connection.request("POST", path, json.dumps(body).encode(), sent)
        response = connection.getresponse()
        _print_headers(response.headers)
        if response.status != 200:
            _refused(response.status, response.read(), as_json)
        elif stream:
            _print_stream(_events(response), as_json)
        else:
            _print_whole(json.loads(response.read()), as_json)
    except (OSError, http.client.HTTPException, ValueError) as error:
        click.echo(f"no answer from {url}: {error}", err=True)
        click.echo("hint: is it running? `gatehouse serve --config config/demo.yaml`", err=True)
        raise SystemExit(1) from None
    finally:
        connection.close()


def _connect(url: str) -> tuple[http.client.HTTPConnection, str]:
    parts = urlsplit(url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if parts.scheme not in kinds or not parts.hostname:
        raise click.BadParameter(f"{url!r} is not an http(s) address", param_hint="--url")
    connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=_TIMEOUT)
    path = parts.path.rstrip("/") or "/v1"  # an address without a path means the usual one
    return connection, f"{path}/chat/completions"


def _demo_key(path: Path, name: str | None) -> str:
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        keys = {}
    if not isinstance(keys, dict) or not keys:
        raise click.UsageError(
            f"no API key: give --key, set GATEHOUSE_KEY, or start the demo, which makes {path}"
        )
    found = keys.get(name) if name else next(iter(keys.values()))
    if not isinstance(found, str):
        raise click.BadParameter(f"{path} has {', '.join(keys)}", param_hint="--as")
    return found


def _print_headers(headers: http.client.HTTPMessage) -> None:
    for name, value in headers.items():
        if name.lower().startswith(_HEADERS):
            click.echo(f"{name.lower()}: {value}", err=True)


def _refused(status: int, raw: bytes, as_json: bool) -> None:
    try:
        document = json.loads(raw)
    except ValueError:
        document = {"error": {"message": raw.decode("utf-8", "replace")[:500]}}
    if as_json:
        print_json(document)
    error = document.get("error") if isinstance(document, dict) else None
    error = error if isinstance(error, dict) else {}
    click.echo(f"{status} {error.get('code') or ''}: {error.get('message') or ''}", err=True)
    raise SystemExit(1)


def _events(response: http.client.HTTPResponse) -> Iterator[Any]:
    """The JSON documents of a server-sent event stream."""
    for line in response:
        text = line.decode("utf-8").strip()
        if text.startswith("data:") and text != "data: [DONE]":
            yield json.loads(text.removeprefix("data:"))


def _print_whole(document: Any, as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    choice = document["choices"][0]
    message = choice["message"]
    click.echo(message.get("content") or message.get("refusal") or "")
    _print_citations((message.get("context") or {}).get("citations") or [])
    _print_finish(choice.get("finish_reason"))


def _print_stream(events: Iterator[Any], as_json: bool) -> None:
    citations: list[Any] = []
    finish = None
    for document in events:
        if as_json:
            click.echo(json.dumps(document, ensure_ascii=False))
            continue
        if "error" in document:
            click.echo(f"\n{document['error'].get('message')}", err=True)
            raise SystemExit(1)
        for choice in document.get("choices") or ():
            delta = choice.get("delta") or {}
            click.echo(delta.get("content") or "", nl=False)
            sys.stdout.flush()
            citations += (delta.get("context") or {}).get("citations") or []
            finish = choice.get("finish_reason") or finish
    if not as_json:
        click.echo()
        _print_citations(citations)
        _print_finish(finish)


def _print_citations(citations: list[Any]) -> None:
    for number, citation in enumerate(citations, start=1):
        where = citation.get("url") or citation.get("filepath") or ""
        click.echo(f"[{number}] {citation.get('title') or ''}  {where}".rstrip())


def _print_finish(finish: object) -> None:
    if finish not in (None, "stop"):
        click.echo(f"finish_reason: {finish}", err=True)
