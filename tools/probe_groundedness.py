"""Does an answer move with the evidence? Ask a trained C2SER about changed speech and see what its answers follow.

python -m tools.probe_groundedness --config runs/x/config.yaml --ckpt_path runs/x/checkpoints/last.ckpt

The test split is heard as recorded, then with pitch, tempo and gain shifted, with the acoustic vectors of another clip,
as silence and as noise. A founded explanation follows a shift of the level it speaks of, and says little of silence.
All further options are those of ``python -m c2ser_lightning test``. A table is printed and probes.json written; the
report.html of a tested run shows them.
"""

import argparse
import datetime
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from lightning.pytorch.utilities.types import EVAL_DATALOADERS
from tqdm import tqdm

from c2ser_lightning.cli import USER_ERRORS, quieten
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.modules.cot import CoTModule
from c2ser_lightning.report.html import write_report
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.report.probes import PROBES_FILE, Outcome, ProbeExample, ProbeReport
from c2ser_lightning.report.results import METRICS_FILE, Result
from c2ser_lightning.report.scoring import recognition
from tools.command_line import positive_int
from tools.groundedness.examples import examples
from tools.groundedness.listening import Listener, ModuleListener, ask
from tools.groundedness.outcome import conflict, outcome
from tools.groundedness.probes import PROBES, Probe
from tools.tested_system import tested_system


def probe(listener: Listener, batches: Sequence[Batch], emotions: Sequence[str]) -> ProbeReport:
    """Run every probe over the batches."""

    def ua(rows: Sequence[Prediction]) -> float:
        return recognition(rows, emotions).ua

    before = ask(listener, batches, None, emotions)
    outcomes: list[Outcome] = []
    shown: list[ProbeExample] = []
    for one in tqdm(PROBES, desc="probing", unit="probe"):
        after = ask(listener, batches, one, emotions)
        outcomes.append(outcome(one, before, after, ua(after)))
        shown += examples(one, before, after)
    recorded = outcome(Probe("as recorded", "level"), before, before, ua(before))
    return ProbeReport(len(before), recorded, outcomes, conflict(before), shown)


def table(report: ProbeReport) -> str:
    """Return the outcomes as text."""
    head = f"{'probe':<34}{'followed':>9}{'against':>9}{'room':>6}{'changed':>9}{'emotional':>11}{'words':>7}{'UA':>7}"
    lines = [head, "-" * len(head)]
    for row in (report.as_recorded, *report.probes):
        moved = [f"{'-' if share is None else f'{share:.3f}':>9}" for share in (row.followed, row.against)]
        line = f"{row.probe:<34}{''.join(moved)}{row.with_room:>6}{row.emotion_changed:>9.3f}{row.emotional:>11.3f}"
        lines.append(line + f"{row.words_stated:>7.1f}{row.ua:>7.3f}")
    found = report.conflict
    if found.n:
        shares = f"answers follow the voice in {found.followed_voice:.3f}, the words in {found.followed_words:.3f}"
        lines.append(f"{found.n} utterances whose words name another emotion than their voice has: {shares}")
    lines.append("followed, against: claims that moved with or against the shifted level, of those with room to move")
    return "\n".join(lines)


def first_batches(loader: EVAL_DATALOADERS, utterances: int) -> list[Batch]:
    """Return whole batches with at least so many utterances, or all there are."""
    kept: list[Batch] = []
    for batch in loader:
        if batch.size:
            kept.append(batch)
        if sum(one.size for one in kept) >= utterances:
            break
    return kept


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    parser = argparse.ArgumentParser("python -m tools.probe_groundedness", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--utterances", type=positive_int, default=200, help="utterances at least (default 200)")
    parser.add_argument("--out", type=Path, help="file to write (default probes.json in the run's folder)")
    given, rest = parser.parse_known_args(arguments)
    quieten()
    try:
        report, folder = _probe_run(rest, given.utterances)
    except (ValueError, *USER_ERRORS) as error:
        sys.exit(f"error: {error}")
    path = given.out or folder / PROBES_FILE
    report.write(path)
    print(f"{table(report)}\n{report.utterances} utterances; written to {path}{_show(path.parent)}")


def _show(folder: Path) -> str:
    """Write the page of a tested run again, now with its probes."""
    if not (folder / METRICS_FILE).is_file():
        return ""
    write_report([Result.read(folder)], folder / "report.html")
    return f", shown in {folder / 'report.html'}"


def _probe_run(arguments: list[str], utterances: int) -> tuple[ProbeReport, Path]:
    """Build what the command line says, load the checkpoint and probe.

    Raises:
        ValueError: The model explains nothing, or no checkpoint is named.
    """
    system = tested_system(arguments)
    module, data = system.module, system.data
    if not isinstance(module, CoTModule):
        raise ValueError(f"{type(module).__name__} gives no explanations; probe an ExplicitCoT or ImplicitCoT")  # noqa: TRY004
    module.cache_megabytes = 0  # changed speech has the keys of the recorded
    system.load()
    data.setup("test")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    batches = first_batches(data.test_dataloader(), utterances)
    report = probe(ModuleListener(module, device), batches, data.emotions)
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return replace(report, checkpoint=str(system.checkpoint or module.initialise_from), date=today), system.run_dir


if __name__ == "__main__":
    main()
