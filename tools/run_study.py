"""Train variants of a model under several seeds and compare them on one test set, in one table with intervals.

A study is a YAML file (configs/study/). What is done already is not repeated, and an interrupted training goes on from
its last checkpoint; a variant whose commands have changed is run anew.
"""

import json
import shlex
import sys
from dataclasses import asdict
from pathlib import Path

import jsonargparse

from tools.studies.curves import Curve, curve_figure, read_curve
from tools.studies.outcomes import Outcome, StudyError, outcomes
from tools.studies.runs import Run
from tools.studies.settings import StudySettings
from tools.studies.side_by_side import RunError, execute
from tools.studies.table import study_table


def parse(arguments: list[str]) -> tuple[StudySettings, Path, int]:
    """Return the study, the folder of its runs, and how many run at a time."""
    parser = jsonargparse.ArgumentParser(prog="python -m tools.run_study", description=__doc__)
    parser.add_argument("--config", action="config", help="a file of configs/study/")
    parser.add_argument("--out", type=Path, required=True, help="folder of all runs and of the table")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time; they share the cores")
    parser.add_class_arguments(StudySettings, "study")
    found = parser.instantiate(parser.parse_args(arguments))
    return found.study, found.out, found.jobs


def report(study: StudySettings, runs: list[Run], out: Path, command: str) -> str:
    """Write ``study.md``, ``study.json`` and ``curves.png``; return the table."""
    by_variant = {variant.name: [run for run in runs if run.variant is variant] for variant in study.variants}
    results = {name: [run.result() for run in group] for name, group in by_variant.items()}
    assert study.baseline is not None
    found = outcomes(results, study.baseline, study.recall_of)
    table = study_table(found, study.baseline)
    picture = _write_curves(study, by_variant, out)
    seeds = ", ".join(map(str, study.seeds))
    text = f"# {study.title}\n\n`{command}`\n\n{found[0].n} test utterances, seeds {seeds}.\n\n{table}\n{picture}"
    (out / "study.md").write_text(text, encoding="utf-8")
    _write_json(found, out / "study.json")
    return table


def _write_json(found: list[Outcome], path: Path) -> None:
    path.write_text(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write_curves(study: StudySettings, by_variant: dict[str, list[Run]], out: Path) -> str:
    curves: dict[str, dict[str, list[Curve]]] = {}
    for scalar in study.curves:
        for name, runs in by_variant.items():
            read = [read_curve(run.tested, scalar) for run in runs]
            logged = [curve for curve in read if curve is not None]
            if logged:
                curves.setdefault(scalar, {})[name] = logged
    if not curves:
        return ""
    curve_figure(curves).savefig(out / "curves.png", dpi=120)
    return f"\n![{', '.join(curves)} over steps](curves.png)\n"


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    words = sys.argv[1:] if arguments is None else arguments
    study, out, jobs = parse(words)
    runs = [Run(study, variant, seed, out) for seed in study.seeds for variant in study.variants]
    out.mkdir(parents=True, exist_ok=True)
    try:
        if study.shared:
            execute([Run(study, None, seed, out) for seed in study.seeds], jobs, "what all variants share")
        execute(runs, jobs, "variants")
        print(report(study, runs, out, shlex.join(["python", "-m", "tools.run_study", *words])))
    except (RunError, StudyError) as error:
        sys.exit(f"error: {error}")
    print(f"-> {out / 'study.md'}, study.json" + (", curves.png" if study.curves else ""))


if __name__ == "__main__":
    main()
