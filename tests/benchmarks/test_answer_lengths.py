"""Every labelled row is counted once, with both of its texts."""

import csv

from benchmarks import answer_lengths
from tests.tiny import language_model_folder


def test_labelled_rows_are_counted_by_the_tokenizer(tmp_path, capsys):
    from transformers import AutoTokenizer

    rows = [("a", "joy", "Oh my God!"), ("b", "Anger", "Go away."), ("c", "boredom", "Hm."), ("d", "", "Yes.")]
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "emotion", "transcript", "speaker", "language", "split"])
        writer.writerows((f"{key}.wav", label, words, "s", "en", "train") for key, label, words in rows)
    folder = language_model_folder(tmp_path / "lm", ["The speaker spoke with a slow pace and was angry."] * 9)
    answer_lengths.main(["--corpus", "csv", "--data", str(tmp_path / "manifest.csv"), "--tokenizer", str(folder)])
    shown = capsys.readouterr().out
    tokenizer = AutoTokenizer.from_pretrained(folder)
    implicit = [len(tokenizer.tokenize(f"This speech conveys {emotion}.")) for emotion in ("happiness", "anger")]
    assert shown.startswith("2 utterances: explicit ")
    assert shown.endswith(f"implicit {sum(implicit) / 2:.1f}\n")
