"""Probe frozen encoders on corpora as EmoBox does, and write one table: Markdown, JSON, bars of each label's recall.

Features are computed once for each upstream and utterance, folds are remembered as they are done, so an interrupted
table goes on where it stopped. Nothing is downloaded; docs/probing.md says how to get at checkpoints and lists.
"""

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import jsonargparse
import torch

from c2ser_lightning.data.ledger import Ledger
from c2ser_lightning.data.shard_index import ShardError
from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.suggestions import suggestion
from tools.corpora.base import CorpusError
from tools.probing.bars import recall_figure
from tools.probing.corpora import read_corpus
from tools.probing.markdown import as_json, corpus_section, finite, page
from tools.probing.outcomes import Row
from tools.probing.probing import Probing, file_name
from tools.probing.settings import FeatureSettings, ProbeTable
from tools.probing.utterances import Corpus

USER_ERRORS = (BackboneError, CorpusError, ShardError)


class TableParser(jsonargparse.ArgumentParser):
    """Reads the settings, and answers a misspelt key with the key it looks like."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Exit with status 2, the message and the nearest known key."""
        if not self.exit_on_error:
            super().error(message, ex)
        sys.stderr.write(f"error: {message.strip()}{suggestion(message, [ProbeTable], ['config'])}\n")
        sys.exit(2)


def parse(arguments: list[str] | None = None) -> ProbeTable:
    """Read the settings from YAML files, merged left to right, and dotted options."""
    parser = TableParser("python -m tools.probe_table", description=__doc__)
    parser.add_argument("--config", action="config", help="YAML file; later ones override earlier ones")
    parser.add_class_arguments(ProbeTable)
    parsed = parser.parse_args(arguments)
    try:
        values = vars(parser.instantiate(parsed))
        return ProbeTable(**{name: value for name, value in values.items() if name != "config"})
    except ValueError as error:
        parser.error(str(error))


def device_of(settings: FeatureSettings) -> torch.device:
    """Return the device to run on."""
    automatic = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(automatic if settings.device == "auto" else settings.device)


def run(table: ProbeTable, command: str) -> str:
    """Probe everything and write the results after every row; returns the page.

    Raises:
        BackboneError: An upstream cannot be loaded.
        CorpusError: A corpus cannot be used.
        ShardError: Shards cannot be used.
    """
    for source in table.upstreams:
        source.check()
    ledger, out = Ledger(), Path(table.out)
    corpora = [read_corpus(settings, ledger) for settings in table.corpora]
    probing = Probing(table, device_of(table.features), ledger)
    done: list[tuple[Corpus, list[Row]]] = []
    text = ""
    for corpus in corpora:
        done.append((corpus, []))
        for source in table.upstreams:
            done[-1][1].append(probing.row(source, corpus))
            text = write(table, done, ledger, out, command)
    return text


def write(table: ProbeTable, done: Sequence[tuple[Corpus, list[Row]]], ledger: Ledger, out: Path, command: str) -> str:
    """Write ``table.md``, ``table.json``, ``recall-<corpus>.png`` and ``ledger.jsonl``; return the Markdown."""
    out.mkdir(parents=True, exist_ok=True)
    sections, figures = [], []
    for corpus, rows in done:
        picture = f"recall-{file_name(corpus.name)}.png"
        recall_figure(corpus, rows).savefig(out / picture, dpi=120)
        sections.append(corpus_section(corpus, rows, picture))
        figures.append(as_json(corpus, rows))
    ledger.write(out / "ledger.jsonl")
    text = page(table, sections, ledger.summary(), command)
    (out / "table.md").write_text(text, encoding="utf-8")
    (out / "table.json").write_text(json.dumps(finite(figures), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return text


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    words = sys.argv[1:] if arguments is None else arguments
    table = parse(words)
    try:
        print(run(table, shlex.join(["python", "-m", "tools.probe_table", *words])))
    except USER_ERRORS as error:
        sys.exit(f"error: {error}")
    print(f"-> {Path(table.out) / 'table.md'}, table.json, recall-*.png, ledger.jsonl")


if __name__ == "__main__":
    main()
