"""The three verbs in a row, from a manifest of automatic labels to a corpus that its reader reads."""

import json

import pytest

from tests.tools.corpora.miniature import split_kinds
from tests.tools.emo_emilia.made import listed, review_file
from tools.build_emo_emilia import main
from tools.corpora import open_corpus
from tools.emo_emilia.candidate import read_candidates

NAMES = ["ann", "bo", "chen", "dee"]


def test_from_labels_to_a_corpus(tmp_path, capsys):
    made = listed(tmp_path / "sounds", 16)
    lines = [
        {name: getattr(one, name) for name in one.__slots__ if name not in {"index", "start", "end"}} for one in made
    ]
    (tmp_path / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    main(["candidates", "--labels", str(tmp_path / "manifest.jsonl"), "--out", str(tmp_path / "c"), "--per-class", "2"])
    (tmp_path / "sounds" / "sound7.wav").write_bytes(b"broken")
    pages = tmp_path / "pages"
    main(["sheets", "--candidates", str(tmp_path / "c"), "--reviewers", *NAMES, "--out", str(pages)])
    assert "15 utterances on each page; 1 left out (1 undecodable)" in capsys.readouterr().out
    # The folder of the pages is all that the merge needs.
    pages = pages.rename(tmp_path / "moved")
    for sound in (tmp_path / "sounds").glob("*.wav"):
        sound.unlink()
    found = read_candidates(pages)
    assert len(found) == 15
    truth = ["unsure" if one.index.endswith("S00004_W000001") else one.emotion for one in found]
    files = [str(review_file(tmp_path, name, found, truth)) for name in NAMES]
    merging = ["merge", "--sheets", str(pages), "--reviews", *files, "--out", str(tmp_path / "set"), "--per-class", "1"]
    main(merging)
    printed = capsys.readouterr().out
    assert "too few: sadness en: 0 of 1" in printed
    assert "Krippendorff's alpha (nominal): all 1.000, zh 1.000, en 1.000" in printed
    rows, skips = split_kinds(open_corpus("emo_emilia", tmp_path / "set"))
    assert skips == []
    assert all(row.audio.is_file() and row.split == "test" for row in rows)
    by_index = {one.index: one for one in found}
    assert {row.key: (row.label, row.transcript) for row in rows} == {
        row.key: (by_index[row.key].emotion, by_index[row.key].text) for row in rows
    }
    assert len({(row.label, row.language) for row in rows}) == len(rows) == 12
    report = json.loads((tmp_path / "set" / "report.json").read_text())
    assert report["shortages"] == {"neutral zh": 1, "sadness en": 1}
    ledger = [json.loads(line) for line in (tmp_path / "set" / "ledger.jsonl").read_text().splitlines()]
    assert {line["reason"] for line in ledger} == {"unsure", "surplus"}
    # A second merge replaces the first; nothing of it stays.
    main([*merging, "--seed", "5"])
    rows, _ = split_kinds(open_corpus("emo_emilia", tmp_path / "set"))
    sound = {path.stem for path in (tmp_path / "set" / "Emo-Emilia" / "wav").iterdir()}
    assert sound == {row.key for row in rows}


def test_mistakes_end_with_status_2_and_one_line(tmp_path, capsys):
    def said(*arguments):
        with pytest.raises(SystemExit) as stopped:
            main(list(map(str, arguments)))
        assert stopped.value.code == 2
        return capsys.readouterr().err.strip().splitlines()[-1]

    assert "did you mean sheets?" in said("sheet")
    assert "there are candidates, sheets, merge" in said()
    assert "no readable list of candidates" in said("merge", "--sheets", tmp_path, "--reviews", "x", "--out", tmp_path)
    listed(tmp_path, 2)
    assert "1 review files, but --reviewers is 4" in said(
        "merge", "--sheets", tmp_path, "--reviews", "x", "--out", tmp_path / "o"
    )
    page = ["sheets", "--candidates", tmp_path, "--out", tmp_path / "o", "--reviewers"]
    assert "reviewer 'a/b': use letters" in said(*page, "a/b")
    assert "'Ann' is named twice" in said(*page, "Ann", "ann")
    assert "did you mean --audio?" in said(*page, "ann", "--audi", "embed")
    main(["--help"])
    assert "three steps" in capsys.readouterr().out
