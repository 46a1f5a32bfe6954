"""How much does a system's accuracy hang on how it is asked? Every wording of its question on every test set.

python -m tools.prompt_sensitivity --config runs/x/config.yaml --ckpt_path runs/x/checkpoints/last.ckpt \
    --sets shards/a shards/b configs/eval_meld.yaml --out runs/x/prompts

Stage 1 is asked for explanations, stage 2 and scored labels for the emotion; each question has wordings of its own. All
further options are those of ``python -m c2ser_lightning test``. It writes prompt_sensitivity.json, .md and .html. What
was answered already is not asked again.
"""

import argparse
import datetime
import json
import logging
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from tqdm import tqdm

from c2ser_lightning.cli import USER_ERRORS, quieten
from c2ser_lightning.modules.prompted import Prompted
from c2ser_lightning.report.environment import page_environment
from c2ser_lightning.report.json_numbers import without_nan
from tools.command_line import positive_int
from tools.prompting.asking import Asker, TestSet
from tools.prompting.ensemble import Answers
from tools.prompting.outcomes import Outcome, outcome, over_sets
from tools.prompting.tables import HEADS, lines, markdown, note, remark, summary, title
from tools.tested_system import TestedSystem, tested_system

PARAPHRASES = Path("configs/prompts/paraphrases.yaml")
NAME = "prompt_sensitivity"


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What was found.

    Attributes:
        system: Who was asked.
        date: Day, ISO.
        command: How.
        ensemble: How the wordings answer together: ``mean`` of probabilities, or ``vote``.
        outcomes: One for each test set, and their mean if there are several.
    """

    system: str
    date: str
    command: str
    ensemble: Literal["mean", "vote"]
    outcomes: list[Outcome]


def ask_all(asker: Asker, sets: Sequence[TestSet], wordings: Sequence[str], command: str) -> Sensitivity:
    """Ask every wording on every set and score the answers."""
    outcomes: list[Outcome] = []
    scored = True
    with tqdm(total=len(sets) * len(wordings), desc="wordings x sets", unit="test") as bar:
        for test_set in sets:
            answers: dict[str, Answers] = {}
            for wording in wordings:
                answers[wording] = asker.answers(test_set, wording)
                bar.update()
            scored = scored and all(row.probabilities for rows in answers.values() for row in rows)
            outcomes.append(outcome(test_set.name, answers, test_set.data.emotions))
    if len(outcomes) > 1:
        outcomes.append(over_sets(outcomes))
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return Sensitivity(_named(asker.system), today, command, "mean" if scored else "vote", outcomes)


def write(found: Sensitivity, out: Path) -> None:
    """Write the three files."""
    explained = note(found.ensemble, len(found.outcomes[0].wordings))
    content = json.dumps(without_nan(asdict(found)), ensure_ascii=False, indent=1)
    (out / f"{NAME}.json").write_text(content + "\n", encoding="utf-8")
    head = [f"# Prompt sensitivity of {found.system}", f"`{found.command}`, {found.date}", explained]
    (out / f"{NAME}.md").write_text("\n\n".join([*head, *map(markdown, found.outcomes)]) + "\n", encoding="utf-8")
    tables = [{"title": title(one), "lines": lines(one), "remark": remark(one)} for one in found.outcomes]
    page = page_environment(Path(__file__).parent / "prompting").get_template("page.html")
    texts = {"system": found.system, "date": found.date, "command": found.command, "note": explained}
    (out / f"{NAME}.html").write_text(page.render(**texts, heads=HEADS, tables=tables), encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    words = sys.argv[1:] if arguments is None else arguments
    given, rest = _parser().parse_known_args(words)
    quieten()
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)  # not once a wording
    command = shlex.join(["python", "-m", f"tools.{NAME}", *words])
    try:
        system = tested_system(rest)
        asker = Asker(system, given.out or system.run_dir / "prompts", given.cache_megabytes)
        wordings = _wordings([*rest, "--config", str(given.prompts)])
        found = ask_all(asker, _sets(given.sets, rest, system), wordings, command)
    except (TypeError, ValueError, *USER_ERRORS) as error:
        sys.exit(f"error: {error}")
    write(found, asker.out)
    print(f"{summary(found.outcomes)}\n-> {asker.out / NAME}.md, .json, .html")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(f"python -m tools.{NAME}", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--prompts", type=Path, default=PARAPHRASES, help=f"config with wordings ({PARAPHRASES})")
    parser.add_argument("--sets", nargs="+", type=Path, help="shard folders, or eval_*.yaml (default: the config's)")
    parser.add_argument("--out", type=Path, help="folder to write to (default: prompts in the run's folder)")
    size = "host memory for the encoders' features, which all wordings share (default 2000)"
    parser.add_argument("--cache-megabytes", type=positive_int, default=2000, help=size)
    return parser


def _wordings(arguments: list[str]) -> list[str]:
    """Return the wordings of a configuration, each once; nothing else is taken from it."""
    module = tested_system(arguments).module
    assert isinstance(module, Prompted)  # the Asker has looked
    return list(dict.fromkeys(module.wordings()))


def _sets(given: Sequence[Path] | None, arguments: list[str], system: TestedSystem) -> list[TestSet]:
    """Return the test sets; label set and filters are the configuration's, or those of the set's own file."""
    if not given:
        return [TestSet(system.data.corpus_name, system.data)]
    sets = []
    for name, place in set_names(given).items():
        options = ["--config", str(place)] if _is_config(place) else [f"--data.init_args.shards={place}"]
        sets.append(TestSet(name, tested_system([*arguments, *options]).data))
    return sets


def set_names(places: Sequence[Path]) -> dict[str, Path]:
    """Return the test sets under their names: a shard folder's own, ``meld`` for ``eval_meld.yaml``.

    Raises:
        ValueError: Two have the same name.
    """
    named: dict[str, Path] = {}
    for place in places:
        name = place.stem.removeprefix("eval_") if _is_config(place) else place.name
        if name in named:
            raise ValueError(f"two test sets are called {name!r}: {named[name]} and {place}; rename one")
        named[name] = place
    return named


def _is_config(place: Path) -> bool:
    return place.suffix in (".yaml", ".yml")


def _named(system: TestedSystem) -> str:
    kind = type(system.module).__name__
    return kind if system.checkpoint is None else f"{kind} ({system.checkpoint})"


if __name__ == "__main__":
    main()
