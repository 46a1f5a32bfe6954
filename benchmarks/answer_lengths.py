"""Count the tokens of a corpus' template texts by a language model's tokenizer; needs the corpus' lists, not its audio.

python -m benchmarks.answer_lengths --corpus meld --data MELD.Raw --tokenizer Qwen2-7B-Instruct
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from transformers import AutoTokenizer

from c2ser_lightning.data.ledger import Skip
from c2ser_lightning.data.record import LEVELS, Levels, UtteranceRecord
from c2ser_lightning.emotions import harmonise
from tools.corpora import ManifestRow, corpus_name, open_corpus
from tools.cot_templates import write_texts


def texts(rows: Iterable[ManifestRow | Skip]) -> list[tuple[str, str]]:
    """Return the explicit and implicit text of each labelled row; the levels, which are not known, take turns."""
    found = []
    for number, row in enumerate(row for row in rows if isinstance(row, ManifestRow)):
        try:
            emotion = harmonise(row.label, row.corpus)
        except ValueError:  # a label that the table does not know
            continue
        level = LEVELS[number % len(LEVELS)]
        written = write_texts(
            UtteranceRecord(
                row.key, row.corpus, row.speaker, row.language, row.split, emotion, row.transcript,
                row.seconds or 0.0, levels=Levels(level, level, level),
            )
        )  # fmt: skip
        if written is not None:
            found.append(written)
    return found


def main(arguments: list[str] | None = None) -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answer_lengths", description=__doc__)
    parser.add_argument("--corpus", type=corpus_name, required=True)
    parser.add_argument("--data", type=Path, required=True, help="the corpus' folder or list")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder of the language model's tokenizer")
    options = parser.parse_args(arguments)
    tokenizer = AutoTokenizer.from_pretrained(options.tokenizer)
    pairs = texts(open_corpus(options.corpus, options.data))
    tokens = np.array([[len(tokenizer.encode(text, add_special_tokens=False)) for text in pair] for pair in pairs])
    means = tokens.mean(0)
    print(f"{len(pairs)} utterances: explicit {means[0]:.1f} tokens, implicit {means[1]:.1f}")


if __name__ == "__main__":
    main()
