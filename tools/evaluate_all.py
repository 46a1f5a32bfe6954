"""Test a checkpoint or a comparison system on all of the paper's test sets that are there, beside the paper's scores.

A set that was tested already with this checkpoint and these shards is not tested again. A set without shards is named
and left out.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from c2ser_lightning.report.environment import page_environment
from c2ser_lightning.report.results import Result
from tools import cross_lingual
from tools.evaluating.paper_results import SETS, paper_results
from tools.evaluating.runs import Evaluation
from tools.evaluating.table import SCORES, Grid, set_grids, short_grid
from tools.studies.side_by_side import RunError

NOTE = (
    "Figures of the paper (arXiv 2502.18186) are as printed there and were not measured here. Its Table V holds "
    "five-fold probes trained on each set; its Table VI lets a language model read the answers. Intervals are 95 % "
    "bootstrap intervals over utterances."
)


def grids(name: str, results: Mapping[str, Result]) -> list[Grid]:
    """Return all tables."""
    short = (
        ("On Emo-Emilia: chain of thought (Table VII)", "emo_emilia", "VII"),
        ("On Emo-Emilia: ablations (Table VIII)", "emo_emilia", "VIII"),
        ("On MELD: fine-tuning (Table IX)", "meld", "IX"),
    )
    rest = [short_grid(title, test_set, name, results, paper_results([table])) for title, test_set, table in short]
    return [*set_grids(name, results, paper_results()), *rest]


def write(name: str, results: Mapping[str, Result], missing: Sequence[str], out: Path) -> str:
    """Write ``table`` and ``cross_lingual`` as Markdown, JSON and HTML; return the Markdown."""
    out.mkdir(parents=True, exist_ok=True)
    tables = grids(name, results)
    lines = [f"# {name} on the paper's test sets", NOTE, *(f"Not tested: {line}." for line in missing)]
    text = "\n\n".join([*lines, *(table.markdown() for table in tables)]) + "\n"
    (out / "table.md").write_text(text, encoding="utf-8")
    ours = {
        test_set: {score: getattr(result.scores, score) for score in SCORES}
        | {"n": result.scores.n, "ci95": result.scores.ci95, "unparsed_rate": result.scores.unparsed_rate}
        for test_set, result in results.items()
    }
    content = {"name": name, "results": ours, "not_tested": list(missing)}
    (out / "table.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    page = page_environment(Path(__file__).parent / "evaluating").get_template("page.html")
    title, notes = f"{name} on the paper's test sets", [NOTE, *(f"Not tested: {line}" for line in missing)]
    html = page.render(title=title, notes=notes, grids=tables)
    (out / "table.html").write_text(html, encoding="utf-8")
    if results:
        text += "\n" + cross_lingual.write([replace(one, name=name) for one in results.values()], out)
    return text


def run(evaluations: Sequence[Evaluation], name: str, out: Path) -> str:
    """Test what has to be tested and write the tables.

    Raises:
        RunError: A test failed; what was tested before is kept.
    """
    ready = [one for one in evaluations if one.objection is None]
    missing = [f"{one.test_set}, {one.objection}" for one in evaluations if one.objection is not None]
    todo = [one for one in ready if not one.done()]
    for one in tqdm(todo, desc="testing", unit="set"):
        one.step().run(one.out / f"{one.test_set}.log", os.cpu_count() or 1)
    return write(name, {one.test_set: one.result() for one in ready}, missing, out)


def _objection(checkpoint: Path | None, system: str | None) -> str | None:
    """Return why there is nothing to test, or ``None``."""
    if checkpoint is None and system is None:
        return "name what is to be tested: --checkpoint <file>, or --system configs/compare/<system>.yaml"
    if checkpoint is not None and not checkpoint.is_file():
        return f"no such checkpoint: {checkpoint}"
    if system is not None and not Path(system).is_file():
        return f"no such file: {system}; comparison systems are in configs/compare/"
    return None


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    parser = argparse.ArgumentParser(prog="python -m tools.evaluate_all", description=__doc__)
    parser.add_argument("--checkpoint", type=Path, help="checkpoint of stage 2, of stage 1 (--overlay), or of a probe")
    parser.add_argument("--system", help="comparison system instead: a file of configs/compare/ (docs/comparison.md)")
    parser.add_argument("--out", type=Path, required=True, help="folder of all results and of the tables")
    parser.add_argument("--shards", type=Path, default=Path("shards"), help="holds a folder of shards for each set")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS, help="which sets (default: all nine)")
    parser.add_argument("--name", default="ours", help="what the system is called in the tables")
    parser.add_argument("--overlay", action="append", default=[], help="further config file, after eval_<set>.yaml")
    parser.add_argument("--option", action="append", default=[], help="further option of test, --option=--key=value")
    options = parser.parse_args(arguments)
    if objection := _objection(options.checkpoint, options.system):
        sys.exit(f"error: {objection}")
    overlays = (*([options.system] if options.system else []), *options.overlay)
    common = (options.checkpoint, options.shards, options.out, overlays, tuple(options.option))
    try:
        print(run([Evaluation(test_set, *common) for test_set in options.sets], options.name, options.out))
    except RunError as error:
        sys.exit(f"error: {error}")
    print(f"-> {options.out / 'table.md'}, table.json, table.html, cross_lingual.*")


if __name__ == "__main__":
    main()
