"""``python -m bench``: measure, soak, compare streams, profile, show behaviours.

Figures go to ``bench/results``.
"""

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.behaviour import command as behaviour
from bench.chart import draw
from bench.contestants import ALL, Contestant, find
from bench.launch import NotReady
from bench.measure import Plan
from bench.peers import Unavailable, find_wrk, versions
from bench.process import LOAD_CORE, pin
from bench.profiling import profile
from bench.report import tables
from bench.rounds import run_rounds
from bench.soak import soak
from bench.streams import NAMES as STREAMED
from bench.streams import StreamPlan, compare
from bench.targets import check

RESULTS = Path(__file__).parent / "results"
NAMES = [contestant.name for contestant in ALL]


def main() -> int:
    options = _parser().parse_args()
    pin(LOAD_CORE)
    try:
        return int(options.act(options))
    except (Unavailable, NotReady, ValueError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 2


def _measure(options: argparse.Namespace) -> int:
    contestants = find(options.only)
    rounds, seconds, warm_up = (1, 2.0, 1.0) if options.quick else (3, 3.0, 2.0)
    seconds = options.seconds or seconds
    wrk = None if options.own_client else find_wrk()
    plan = Plan(seconds, warm_up, wrk)
    results = run_rounds(contestants, plan, options.rounds or rounds)
    outcomes = check(results)
    print(tables(results, contestants))
    print("\nTargets, at 32 connections")
    for outcome in outcomes:
        print(f"  {outcome.line}")
    if not options.no_save:
        _save(results, contestants, plan)
    failed = any(outcome.met is False for outcome in outcomes)
    return 1 if options.check and failed else 0


def _save(results: dict[str, dict[str, object]], contestants: list[Contestant], plan: Plan) -> None:
    now = datetime.now(UTC)
    about = {
        "date": now.isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "seconds": plan.seconds,
        "generator": "wrk" if plan.wrk else "bench.client",
        "peers": versions(),
    }
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{now:%Y-%m-%dT%H%M}.json"
    file.write_text(json.dumps({"about": about, "results": results}, indent=1) + "\n")
    caption = f"{now:%Y-%m-%d}, {_processor()}, one core for each server"
    draw(RESULTS / "latest.svg", results, contestants, caption)
    print(f"\nwritten: {file.relative_to(Path.cwd())} and {RESULTS.name}/latest.svg")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _soak(options: argparse.Namespace) -> int:
    return 0 if soak(find([options.name])[0], options.streams, options.seconds) else 1


def _streams(options: argparse.Namespace) -> int:
    plan = StreamPlan(options.pace, options.singles, options.rounds)
    return 0 if compare(find(options.names or list(STREAMED)), plan) else 1


def _profile(options: argparse.Namespace) -> int:
    plan = Plan(options.seconds, 1.0, find_wrk())
    contestant = find([options.name])[0]
    profile(contestant, plan, stream=options.stream, lines=options.lines, sort=options.sort)
    return 0


def _behaviour(options: argparse.Namespace) -> int:
    return behaviour.run(options.names, None if options.no_save else RESULTS, as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--only", action="append", default=[], choices=NAMES, metavar="NAME")
    parser.add_argument("--seconds", type=float, help="length of each load")
    parser.add_argument("--rounds", type=int, help="rounds of which the median is taken")
    parser.add_argument("--own-client", action="store_true", help="do without wrk")
    parser.add_argument("--no-save", action="store_true", help="write no file")
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    parser.set_defaults(act=_measure)
    acts = parser.add_subparsers(title="instead of measuring")
    long = acts.add_parser("soak", help="many open streams for a minute")
    long.add_argument("name", nargs="?", default="passthrough", choices=NAMES)
    long.add_argument("--streams", type=int, default=1000)
    long.add_argument("--seconds", type=float, default=60.0)
    long.set_defaults(act=_soak)
    slow = acts.add_parser("streams", help="what guards cost a clean stream; exit 1 when too much")
    slow.add_argument("--only", dest="names", action="append", default=[], choices=STREAMED)
    slow.add_argument("--pace", type=float, default=0.02, help="seconds between two words")
    slow.add_argument("--singles", type=int, default=40, help="streams one after another")
    slow.add_argument("--rounds", type=int, default=3, help="times that 50 streams are open")
    slow.set_defaults(act=_streams)
    hot = acts.add_parser("profile", help="where a server spends its time")
    hot.add_argument("name", nargs="?", default="passthrough", choices=NAMES)
    hot.add_argument("--seconds", type=float, default=4.0)
    hot.add_argument("--stream", action="store_true", help="streams instead of whole answers")
    hot.add_argument("--lines", type=int, default=45)
    hot.add_argument("--sort", default="tottime", choices=["tottime", "cumtime"])
    hot.set_defaults(act=_profile)
    who = acts.add_parser("behaviour", help="twelve behaviours of a guard, and who has them")
    who.add_argument("--only", dest="names", action="append", default=[], choices=behaviour.NAMES)
    who.add_argument("--json", action="store_true", help="JSON instead of a table")
    who.set_defaults(act=_behaviour)
    return parser


if __name__ == "__main__":
    sys.exit(main())
