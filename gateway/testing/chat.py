"""Documents of OpenAI's chat completions, as a provider sends them."""

from collections.abc import Sequence

from gateway.core.segments import Json

ID = "chatcmpl-scripted"
CREATED = 1_700_000_000


def completion(
    model: str,
    text: str | Sequence[str],
    *,
    tool_calls: Sequence[tuple[str, str]] = (),
    finish: str | None = None,
    usage: tuple[int, int] | None = (7, 5),
) -> Json:
    """A whole answer; several texts are several choices. Tool calls are (name, arguments)."""
    texts = [text] if isinstance(text, str) else list(text)
    calls = [_call(index, *call) for index, call in enumerate(tool_calls)]
    choices = []
    for index, content in enumerate(texts):
        message: Json = {"role": "assistant", "content": None if calls else content}
        if calls:
            message["tool_calls"] = calls
        reason = finish or ("tool_calls" if calls else "stop")
        choices.append({"index": index, "message": message, "finish_reason": reason})
    document: Json = {
        "id": ID,
        "object": "chat.completion",
        "created": CREATED,
        "model": model,
        "choices": choices,
    }
    if usage:
        document["usage"] = usage_object(*usage)
    return document


def chunk(model: str, delta: Json, *, choice: int = 0, finish: str | None = None) -> Json:
    """One document of a stream."""
    return {
        "id": ID,
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": model,
        "choices": [{"index": choice, "delta": delta, "finish_reason": finish}],
    }


def usage_chunk(model: str, prompt: int, completion_tokens: int) -> Json:
    """The document with which a stream ends when usage was asked for."""
    document = chunk(model, {})
    document["choices"] = []
    document["usage"] = usage_object(prompt, completion_tokens)
    return document


def usage_object(prompt: int, completion_tokens: int) -> Json:
    """Token counts."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt + completion_tokens,
    }


def tool_chunks(model: str, calls: Sequence[tuple[str, str]], *, choice: int = 0) -> list[Json]:
    """The stream documents of tool calls, their arguments in two deltas each."""
    documents = []
    for index, (name, arguments) in enumerate(calls):
        opening = {"index": index, **_call(index, name, "")}
        documents.append(chunk(model, {"tool_calls": [opening]}, choice=choice))
        middle = (len(arguments) + 1) // 2
        documents += [
            chunk(
                model,
                {"tool_calls": [{"index": index, "function": {"arguments": part}}]},
                choice=choice,
            )
            for part in (arguments[:middle], arguments[middle:])
            if part
        ]
    return documents


def _call(index: int, name: str, arguments: str) -> Json:
    return {
        "id": f"call_{index}",
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }
