"""Pretrain Emotion2Vec-S under several weights of the category loss and seeds, and probe every encoder the same way.

Weight 0 is plain emotion2vec. Steps, data and probe are the same for all; a run that is done already is not repeated,
so an interrupted comparison goes on where it stopped.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from tools.category_weight.embeddings import Embeddings, embed, embedding_figure
from tools.category_weight.runs import Plan, Run
from tools.category_weight.table import Outcome, weight_table
from tools.studies.side_by_side import RunError, execute

PRETRAINING = ("configs/emotion2vec_s.yaml", "configs/demo/emotion2vec_s.yaml", "configs/demo/category_weight.yaml")
PROBE = ("configs/probe.yaml", "configs/demo/probe.yaml")


def outcome(run: Run, embeddings: Embeddings) -> Outcome:
    """Collect a run's figures."""
    scores = run.result().scores
    return Outcome(run.weight, run.seed, scores.wa, scores.ua, scores.macro_f1, embeddings.silhouette())


def report(runs: list[Run], out: Path) -> str:
    """Write ``weights.json``, ``weights.md`` and ``embeddings.png``; return the table."""
    embeddings = [
        embed(run.encoder, run.plan.shards) for run in tqdm(runs, desc="embedding the test split", unit="run")
    ]
    outcomes = [outcome(run, one) for run, one in zip(runs, embeddings, strict=True)]
    table = weight_table(outcomes)
    (out / "weights.json").write_text(json.dumps([asdict(one) for one in outcomes], indent=1) + "\n", encoding="utf-8")
    (out / "weights.md").write_text(table + "\n", encoding="utf-8")
    first = min(run.seed for run in runs)
    shown = [
        (f"category weight {run.weight:g}", one) for run, one in zip(runs, embeddings, strict=True) if run.seed == first
    ]
    titles, drawn = zip(*shown, strict=True)
    embedding_figure(titles, drawn).savefig(out / "embeddings.png", dpi=120)
    return table


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    parser = argparse.ArgumentParser(prog="python -m tools.compare_category_weights", description=__doc__)
    parser.add_argument("--shards", type=Path, required=True, help="shard folder with train, dev and test")
    parser.add_argument("--out", type=Path, required=True, help="folder of all runs and of the report")
    parser.add_argument("--weights", type=float, nargs="+", default=[0.0, 1.0, 10.0, 100.0], help="weights to compare")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="seeds of each weight")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time; they share the cores")
    parser.add_argument("--pretraining", nargs="+", default=PRETRAINING, help="config files (default: demo size)")
    parser.add_argument("--probe", nargs="+", default=PROBE, help="config files (default: demo size)")
    options = parser.parse_args(arguments)
    plan = Plan(options.shards, options.out, tuple(options.pretraining), tuple(options.probe))
    runs = [Run(plan, weight, seed) for seed in options.seeds for weight in sorted(set(options.weights))]
    try:
        execute(runs, options.jobs, "pretraining and probing")
        print(report(runs, options.out))
    except RunError as error:
        sys.exit(f"error: {error}")
    except ModuleNotFoundError as error:
        sys.exit(f"error: {error}; the picture and the silhouette need: pip install 'c2ser_lightning[analysis]'")
    print(f"-> {options.out / 'weights.md'}, weights.json, embeddings.png")


if __name__ == "__main__":
    main()
