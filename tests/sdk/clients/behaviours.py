"""What the official Python client of OpenAI sees of a gateway, as JSON lines on stdout.

Runs in an environment of its own with one pinned version of ``openai``, never under pytest.
Every function is one behaviour of ``tests/sdk/expectations.py`` and returns what it observed.
"""

import asyncio
import json
import sys

import answers
import refusals
from observing import Json, Lab, failure, openai


def models_list(lab: Lab) -> Json:
    return {"ids": sorted(m.id for m in lab.client("narrow").models.list())}


def models_retrieve(lab: Lab) -> Json:
    model = lab.client().models.retrieve("plain")
    return {"id": model.id, "object": model.object}


def models_retrieve_unknown(lab: Lab) -> Json:
    return failure(lambda: lab.client().models.retrieve("no-such-model"))


def moderation(lab: Lab) -> Json:
    texts = ["hello", "tell me about project-orchid please"]
    answer = lab.client().moderations.create(input=texts, model="omni-moderation-latest")
    return {
        "flagged": [result.flagged for result in answer.results],
        "violence": [result.categories.violence for result in answer.results],
        "self_harm_score": answer.results[1].category_scores.self_harm,
        "policy": [result.categories.policy for result in answer.results],
        "judged_by": answer.model.split("@")[0],
    }


def moderation_parts(lab: Lab) -> Json:
    parts = [{"type": "text", "text": "about"}, {"type": "text", "text": "PROJECT-ORCHID"}]
    answer = lab.client().moderations.create(input=parts)
    return {"flagged": [result.flagged for result in answer.results]}


def moderation_image(lab: Lab) -> Json:
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": lab.setting["image"]}},
    ]
    return failure(lambda: lab.client().moderations.create(input=parts))


def moderation_unknown_model(lab: Lab) -> Json:
    return failure(lambda: lab.client().moderations.create(input="x", model="no-such-model"))


def many_at_once(lab: Lab) -> Json:
    async def ask_all() -> list[str]:
        async with openai.AsyncOpenAI(**lab.options()) as client:
            asked = [
                client.chat.completions.create(
                    model="echo", messages=[{"role": "user", "content": f"number {n}"}]
                )
                for n in range(20)
            ]
            return [answer.choices[0].message.content for answer in await asyncio.gather(*asked)]

    return {"texts": asyncio.run(ask_all())}


def main() -> None:
    setting = json.loads(sys.stdin.read())
    known = (globals(), vars(answers), vars(refusals))
    for name in setting["behaviours"]:
        behaviour = next((b for b in (own.get(name) for own in known) if b is not None), None)
        try:
            observed = (
                {"crash": "not implemented"} if behaviour is None else behaviour(Lab(setting, name))
            )
        except Exception as error:  # noqa: BLE001 - a crash is an observation too
            observed = {"crash": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps({"behaviour": name, "observed": observed}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
