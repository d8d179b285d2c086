"""Audit records as people read them in a terminal."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gateway.core.segments import Json
from gateway.ports.feedback_store import Feedback

_COLOURS = {
    "passed": "green",
    "flagged": "cyan",
    "rewritten": "blue",
    "regenerated": "blue",
    "abstained": "yellow",
    "blocked": "bold red",
    "refused": "magenta",
    "failed": "red reverse",
    "cancelled": "dim",
}
_STATUS_COLOURS = {
    "passed": "green",
    "rewritten": "blue",
    "skipped": "dim",
    "not_scanned": "dim",
    "blocked": "bold red",
    "refused": "magenta",
}
_BAR = 24
_COLUMNS = (("TIME", 19), ("VERDICT", 9), ("MODEL", 18), ("ROUTE", 10), ("KEY", 8), ("MS", 8))


def _header() -> Text:
    cells = [f"{title:>{w}}" if title == "MS" else f"{title:<{w}}" for title, w in _COLUMNS]
    return Text("  ".join([*cells, "ID", " " * 25 + "WHY"]), style="bold")


HEADER = _header()


def line(record: Json) -> Text:
    """One record in one line."""
    verdict = _safe(record.get("verdict"))
    widths = dict(_COLUMNS)
    text = Text()
    text.append(_local(record.get("time")) + "  ", style="dim")
    text.append(f"{verdict:<{widths['VERDICT']}}  ", style=_COLOURS.get(verdict, ""))
    text.append(_cell(record.get("model"), widths["MODEL"]))
    text.append(_cell(record.get("route"), widths["ROUTE"]))
    text.append(_cell(record.get("key_id"), widths["KEY"]))
    text.append(f"{_number(record.get('duration_ms')):>8.1f}  ")
    text.append(f"{_safe(record.get('id')):<28} ", style="dim")
    text.append(why(record))
    return text


def why(record: Json) -> str:
    """The ids of the rules that acted, else what the error says, else those that only looked."""
    decisions = record.get("decisions") or []
    acted = [_safe(d.get("rule")) for d in decisions if d.get("acted")]
    if acted:
        return ", ".join(dict.fromkeys(acted))
    error = record.get("error")
    if error:
        said = [error.get("code") or error.get("class"), error.get("cause")]
        return ": ".join(_safe(part) for part in said if part)
    seen = [f"({_safe(d.get('rule'))} {_safe(d.get('mode'))})" for d in decisions]
    return ", ".join(dict.fromkeys(seen)) or "-"


def story(record: Json, feedback: Sequence[Feedback] = ()) -> Group:
    """Everything there is to one record, with what was said about it."""
    verdict = _safe(record.get("verdict"))
    title = Text.assemble(
        (verdict.upper(), _COLOURS.get(verdict, "")),
        f"  {_number(record.get('status')):.0f}  {_number(record.get('duration_ms')):.1f} ms  ",
        (_local(record.get("time"), full=True), "dim"),
    )
    parts: list[RenderableType] = [
        title,
        Text(),
        _facts(record),
        Text(),
        Text("Stages", style="bold"),
        _stages(record),
    ]
    decisions = record.get("decisions") or []
    parts += [Text(), Text("Decisions", style="bold")]
    parts += [_decision(decision) for decision in decisions] or [Text("  none", style="dim")]
    documents = record.get("documents") or []
    if documents:
        parts += [Text(), Text("Documents", style="bold")]
        parts += [Text(f"  {_safe(d.get('id'))}  {_safe(d.get('chunk'))}") for d in documents]
    if feedback:
        parts += [Text(), Text("Feedback", style="bold")]
        parts += [Text.assemble("  ", opinion(one)) for one in feedback]
    return Group(*parts)


def opinion(feedback: Feedback) -> Text:
    """One feedback in one line, its comment after it."""
    at = datetime.fromtimestamp(feedback.at, UTC).isoformat()
    comment = feedback.comment or ("(comment withheld)" if feedback.withheld else "")
    return Text.assemble(
        (_local(at) + "  ", "dim"),
        (f"{_safe(feedback.rating):<4}  ", "green" if feedback.rating == "up" else "red"),
        (f"{_safe(feedback.decision_id)}  ", "dim"),
        f"{_safe(feedback.tenant)} / key {_safe(feedback.key_id)}  ",
        (_safe(feedback.label or "-"), "bold"),
        f"  {_safe(comment)}" if comment else "",
    )


def _facts(record: Json) -> Table:
    usage, error = record.get("usage") or {}, record.get("error")
    tokens = f"{_safe(usage.get('prompt'))} in, {_safe(usage.get('completion'))} out"
    policy_hash = _safe(record.get("policy_hash"))[:12]
    facts = {
        "decision": record.get("id"),
        "request": record.get("request_id"),
        "caller": f"{_safe(record.get('tenant'))} / key {_safe(record.get('key_id'))}",
        "asked": f"{_safe(record.get('model'))} at {_safe(record.get('endpoint'))}"
        + (", streamed" if record.get("stream") else ""),
        "pipeline": record.get("pipeline"),
        "policy": f"{_safe(record.get('policy'))} {policy_hash}",
        "route": record.get("route"),
        "answered by": record.get("target") or record.get("source"),
        "attempts": "; ".join(_safe(a) for a in record.get("attempts") or ()) or None,
        "cache": record.get("cache"),
        "finish": record.get("finish"),
        "tokens": tokens + ("" if usage.get("exact") else " (estimated)"),
        "error": why({"error": error}) if error else None,
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in facts.items():
        if value is not None:
            table.add_row(f"  {name}", Text(_safe(value)))
    return table


def _stages(record: Json) -> Table:
    stages = record.get("stages") or []
    longest = max([_number(stage.get("ms")) for stage in stages], default=0.0)
    table = Table(box=None, show_header=False, pad_edge=False)
    for justify in ("left", "left", "right", "left", "left"):
        table.add_column(justify=justify)
    for stage in stages:
        ms, status = _number(stage.get("ms")), _safe(stage.get("status"))
        bar = "█" * round(_BAR * ms / longest) if longest else ""
        table.add_row(
            Text(f"  {_safe(stage.get('stage'))}"),
            Text(status, style=_STATUS_COLOURS.get(status, "red")),
            f"{ms:.2f} ms",
            Text(bar or ("▏" if ms else ""), style="cyan"),
            Text(_safe(stage.get("detail") or ""), style="dim"),
        )
    return table


def _decision(decision: Json) -> Text:
    acted = bool(decision.get("acted"))
    text = Text("  ")
    text.append(_safe(decision.get("rule")), style="bold red" if acted else "bold")
    text.append(
        f"  {_safe(decision.get('layer'))} layer, guard {_safe(decision.get('guard'))}, "
        f"then {_safe(decision.get('then'))}, {_safe(decision.get('mode'))}"
        + ("" if acted else ", not acted on")
    )
    if decision.get("error"):
        allowed = " (allowed by the rule)" if decision.get("error_allowed") else ""
        text.append(f"\n    the guard failed: {_safe(decision['error'])}{allowed}", style="red")
    for finding in decision.get("findings") or ():
        text.append(
            f"\n    {_safe(finding.get('category'))} {_number(finding.get('score')):.2f} at "
            f"{_safe(finding.get('pointer') or '(whole text)')} "
            f"[{_safe(finding.get('start'))}..{_safe(finding.get('end'))}]"
        )
        if finding.get("reason"):
            text.append(f"  {_safe(finding['reason'])}", style="dim")
    return text


def _safe(value: object) -> str:
    """A value without control characters, which could drive the auditor's terminal."""
    text = "-" if value is None else str(value)
    return "".join(c if c.isprintable() else "�" for c in text)


def _cell(value: object, width: int) -> str:
    text = _safe(value)
    return f"{text[: width - 1] + '…' if len(text) > width else text:<{width}}  "


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _local(value: object, *, full: bool = False) -> str:
    try:
        at = datetime.fromisoformat(str(value)).astimezone()
    except ValueError:
        return _safe(value)
    return at.isoformat(sep=" ", timespec="milliseconds" if full else "seconds")[
        : None if full else 19
    ]
