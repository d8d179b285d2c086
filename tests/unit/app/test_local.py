"""The edge of the endpoints that ask no model."""

from pathlib import Path

import orjson

from gateway.app.build import make_runtime, read_site
from gateway.app.http import make_app
from gateway.app.parts import make_parts
from gateway.app.runtime import Live
from gateway.testing.asgi import Answer, call
from gateway.testing.site import SiteFolder


async def test_a_reload_takes_effect_and_a_full_house_is_closed(tmp_path: Path) -> None:
    site = SiteFolder(tmp_path)
    site.pipeline([{"use": "auth"}, {"use": "generate"}])
    site.policy(input=[{"id": "a", "guard": "keywords", "words": ["orchid"], "then": "block"}])
    site.write(upstream="http://127.0.0.1:9", models=("plain",))
    key = site.key("one")
    parts = make_parts(read_site(site.config))
    live = Live(make_runtime(read_site(site.config), parts))
    app = make_app(live, parts)

    async def check() -> Answer:
        headers = [("authorization", f"Bearer {key}")]
        body = orjson.dumps({"input": "an orchid"})
        return await call(app, "POST", "/v1/guard", headers=headers, body=body)

    try:
        assert (await check()).json["verdict"] == "blocked"
        site.policy(input=[{"id": "a", "guard": "keywords", "words": ["orchid"], "then": "flag"}])
        live.runtime = make_runtime(read_site(site.config), parts)
        assert (await check()).json["verdict"] == "flagged"
        live.draining = True
        refused = await check()
        assert (refused.status, refused.json["error"]["code"]) == (503, "overloaded")
        assert live.in_flight == 0
    finally:
        await parts.aclose()
