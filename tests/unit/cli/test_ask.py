import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import cli
from gateway.testing.chat import chunk, completion

CITATION = {"title": "Refunds", "url": "https://example.com/refunds", "content": "30 days"}


class Answers(BaseHTTPRequestHandler):
    """A gateway that answers what its server was told to."""

    server: "Gateway"

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        self.server.seen.append(
            (self.path, self.headers["authorization"], json.loads(self.rfile.read(length)))
        )
        self.send_response(self.server.status)
        self.send_header("x-gatehouse-decision", "passed")
        self.send_header("content-length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, format: str, *args: Any) -> None: ...


class Gateway(ThreadingHTTPServer):
    """Listens on a free port of loopback."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.seen: list[tuple[str, str, Any]] = []
        self.status = 200
        self.answer = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATEHOUSE_KEY", raising=False)
    monkeypatch.delenv("GATEHOUSE_URL", raising=False)


def ask(*args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(cli, ["ask", *args], env=env)


def test_an_answer_is_printed_with_citations_and_headers_apart(gateway: Gateway) -> None:
    document = completion("assistant", "Thirty days [1].")
    document["choices"][0]["message"]["context"] = {"citations": [CITATION]}
    gateway.answer = json.dumps(document).encode()
    result = ask("How long?", "--key", "sk-a", "--url", gateway.url, "--system", "Be brief.")
    assert result.exit_code == 0
    assert result.stdout == "Thirty days [1].\n[1] Refunds  https://example.com/refunds\n"
    assert "x-gatehouse-decision: passed" in result.stderr
    path, authorization, body = gateway.seen[0]
    assert (path, authorization) == ("/v1/chat/completions", "Bearer sk-a")
    assert [m["role"] for m in body["messages"]] == ["system", "user"]


def test_an_address_without_a_path_means_the_usual_one(gateway: Gateway) -> None:
    gateway.answer = json.dumps(completion("assistant", "Yes.")).encode()
    result = ask("Yes?", "--url", gateway.url.removesuffix("/v1"), "--key", "sk-a")
    assert result.exit_code == 0, result.output
    assert gateway.seen[-1][0] == "/v1/chat/completions"


def test_a_stream_is_printed_as_it_comes(gateway: Gateway) -> None:
    documents = [
        chunk("assistant", {"context": {"citations": [CITATION]}}),
        chunk("assistant", {"content": "Thirty "}),
        chunk("assistant", {"content": "days"}),
        chunk("assistant", {}, finish="content_filter"),
    ]
    events = "".join(f"data: {json.dumps(d)}\n\n" for d in documents) + "data: [DONE]\n\n"
    gateway.answer = events.encode()
    result = ask("How long?", "--key", "sk-a", "--url", gateway.url, "--stream")
    assert result.stdout.splitlines()[0] == "Thirty days"
    assert "[1] Refunds" in result.stdout
    assert "finish_reason: content_filter" in result.stderr


def test_a_refusal_is_an_error_with_its_code(gateway: Gateway) -> None:
    gateway.status = 400
    gateway.answer = b'{"error": {"message": "Blocked.", "code": "content_filter"}}'
    result = ask("x", "--key", "sk-a", "--url", gateway.url)
    assert result.exit_code == 1
    assert "400 content_filter: Blocked." in result.stderr
    shown = ask("x", "--key", "sk-a", "--url", gateway.url, "--json")
    assert json.loads(shown.stdout)["error"]["code"] == "content_filter"


@pytest.mark.parametrize(("args", "key"), [((), "sk-first"), (("--as", "finance"), "sk-finance")])
def test_demo_keys_are_used_when_no_key_is_given(
    gateway: Gateway, args: tuple[str, ...], key: str
) -> None:
    gateway.answer = json.dumps(completion("assistant", "Hello.")).encode()
    Path("var").mkdir()
    Path("var/demo-keys.json").write_text('{"customer": "sk-first", "finance": "sk-finance"}')
    assert ask("x", "--url", gateway.url, *args).exit_code == 0
    assert gateway.seen[0][1] == f"Bearer {key}"


def test_the_key_may_come_from_the_environment(gateway: Gateway) -> None:
    gateway.answer = json.dumps(completion("assistant", "Hello.")).encode()
    result = ask("x", env={"GATEHOUSE_KEY": "sk-env", "GATEHOUSE_URL": gateway.url})
    assert result.exit_code == 0
    assert gateway.seen[0][1] == "Bearer sk-env"


def test_no_key_at_all_is_a_usage_error() -> None:
    result = ask("x")
    assert result.exit_code == 2
    assert "GATEHOUSE_KEY" in result.stderr


def test_nobody_listening_says_what_to_start() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    result = ask("x", "--key", "sk-a", "--url", url)
    assert result.exit_code == 1
    assert "gatehouse serve" in result.stderr


def test_an_address_that_is_none_is_a_usage_error() -> None:
    assert ask("x", "--key", "sk-a", "--url", "ftp://example.com").exit_code == 2
