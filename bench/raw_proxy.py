"""The smallest proxy one can write with the gateway's own libraries: the floor to compare with.

Starlette in front, one pooled aiohttp session behind; no auth, no checks, bytes through as they
are. Run as ``uvicorn bench.raw_proxy:app`` with ``BENCH_UPSTREAM`` set.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

UPSTREAM = os.environ.get("BENCH_UPSTREAM", "http://127.0.0.1:9000")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        app.state.session = session
        yield


async def forward(request: Request) -> Response:
    body = await request.body()
    answer = await request.app.state.session.post(
        f"{UPSTREAM}{request.url.path}", data=body, headers={"content-type": "application/json"}
    )
    kind = answer.headers["content-type"]
    if not kind.startswith("text/event-stream"):
        return Response(await answer.read(), status_code=answer.status, media_type=kind)
    return StreamingResponse(answer.content.iter_any(), answer.status, media_type=kind)


app = Starlette(
    routes=[Route("/v1/chat/completions", forward, methods=["POST"])], lifespan=lifespan
)
