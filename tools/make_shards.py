"""Build annotated WebDataset shards from a corpus: read, measure, set levels, write texts, pack.

    python -m tools.make_shards --corpus csv --data my_corpus/manifest.csv --out shards/my_corpus
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from tqdm import tqdm

from c2ser_lightning.data.audio import encode_flac, load_audio
from c2ser_lightning.data.ledger import Ledger, StrictModeError
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.data.shard_index import index_path
from tools.annotation import AnnotationSettings, annotate, usable_rows
from tools.corpora import READERS, CorpusError
from tools.corpora.base import SPLITS, ManifestRow
from tools.cot_templates import write_texts
from tools.levels import LevelStatistics
from tools.shard_info import FolderInfo, SplitInfo
from tools.shard_writer import ShardInfo, write_shards
from tools.splitting import fill_splits


def with_texts(record: UtteranceRecord, statistics: LevelStatistics) -> UtteranceRecord:
    """Return a measured record with its levels and chain-of-thought texts."""
    levelled = replace(record, levels=statistics.levels(record.attributes))
    texts = write_texts(levelled)
    return levelled if texts is None else replace(levelled, explicit=texts[0], implicit=texts[1])


def pack(
    records: Sequence[UtteranceRecord], rows: Sequence[ManifestRow], folder: Path, utterances_per_shard: int
) -> dict[str, SplitInfo]:
    """Write every split's shards; earlier shards that are no longer part of the folder are removed."""
    audio = {row.key: row.audio for row in rows}
    splits: dict[str, SplitInfo] = {}
    with tqdm(total=len(records), desc="packing shards", unit="utt") as bar:
        for split in SPLITS:
            chosen = [record for record in records if record.split == split]

            def samples(chosen: list[UtteranceRecord] = chosen) -> Iterator[tuple[UtteranceRecord, bytes]]:
                for record in chosen:
                    yield record, encode_flac(load_audio(audio[record.key]))
                    bar.update()

            shards = write_shards(samples(), folder, split, utterances_per_shard)
            _remove_stale(folder, split, shards)
            if chosen:
                splits[split] = SplitInfo.of(chosen, shards)
    return splits


def _remove_stale(folder: Path, split: str, shards: list[ShardInfo]) -> None:
    current = {shard.file for shard in shards}
    for tar in folder.glob(f"{split}-*.tar"):
        if tar.name not in current:
            tar.unlink()
            index_path(tar).unlink(missing_ok=True)


def build(options: argparse.Namespace) -> None:
    """Run the whole pipeline.

    Raises:
        CorpusError: The corpus cannot be read, or nothing of it is usable.
        StrictModeError: ``--strict`` was given and something is unusable.
    """
    ledger = Ledger(strict=options.strict)
    settings = AnnotationSettings(
        options.min_seconds, options.max_seconds, options.pitch_hop_ms / 1000, options.workers
    )
    rows, note = fill_splits(usable_rows(READERS[options.corpus](options.data), ledger))
    if note:
        print(f"note: {note}")
    measured = annotate(rows, settings, ledger)
    options.out.mkdir(parents=True, exist_ok=True)
    ledger.write(options.out / "ledger.jsonl")
    if not measured:
        raise CorpusError(f"no usable utterance in {options.data}: {ledger.summary()}; see {options.out}/ledger.jsonl")
    # Levels come from the training split alone; a corpus that is only tested brings its own statistics.
    training = [record for record in measured if record.split == "train"] or measured
    statistics = LevelStatistics.of(record.attributes for record in training)
    records = [with_texts(record, statistics) for record in measured]
    splits = pack(records, rows, options.out, options.utterances_per_shard)
    synthetic = options.corpus == "demo"
    info = FolderInfo(options.out.name, synthetic, asdict(settings), statistics, splits, ledger.counts())
    info.write(options.out)
    print(f"{info.table()}\n{ledger.summary()}" + (f"; each is named in {options.out}/ledger.jsonl" if len(ledger) else ""))


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(
        prog="python -m tools.make_shards", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--corpus", required=True, choices=sorted(READERS), help="how the corpus is laid out")
    made.add_argument("--data", type=Path, required=True, help="folder of the corpus, or a manifest")
    made.add_argument("--out", type=Path, required=True, help="shard folder to write")
    made.add_argument("--min-seconds", type=float, default=0.2, help="leave shorter clips out (default 0.2)")
    made.add_argument("--max-seconds", type=float, default=20.0, help="leave longer clips out (default 20, as the paper)")
    made.add_argument("--pitch-hop-ms", type=float, default=50.0, help="distance of pitch frames (default 50)")
    made.add_argument("--utterances-per-shard", type=int, default=500)
    made.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)")
    made.add_argument("--strict", action="store_true", help="stop at the first unusable utterance")
    return made


def main(arguments: list[str] | None = None) -> None:
    """Run the tool; a corpus that cannot be used ends with status 2 and one line."""
    try:
        build(parser().parse_args(arguments))
    except (CorpusError, StrictModeError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
