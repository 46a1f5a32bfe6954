import json

import pytest

from tests.tools.corpora.miniature import split_kinds, touch, write
from tools.corpora.base import CorpusError
from tools.corpora.emo_emilia import read_emo_emilia

INDEX = "EN_B00012_S00345_W000001"


def test_official_layout(tmp_path):
    lines = [
        {"index": INDEX, "emotion": "fearful", "wav": f"./Emo-Emilia/wav/{INDEX}.wav", "text": " Run, now!"},
        {"index": "ZH_B00001_S00002_W000003", "emotion": "happy", "wav": "./Emo-Emilia/wav/x.wav", "text": "好"},
        {"index": "FR_B1", "emotion": "happy", "wav": "a.wav", "text": ""},
    ]
    text = "\n".join(map(json.dumps, lines)) + "\nno json\n"
    write(tmp_path, "Emo-Emilia/Emo-Emilia-ALL.jsonl", text)
    touch(tmp_path, f"Emo-Emilia/wav/{INDEX}.wav")
    rows, skips = split_kinds(read_emo_emilia(tmp_path))
    assert rows[0].audio == tmp_path / "Emo-Emilia" / "wav" / f"{INDEX}.wav"
    assert (rows[0].key, rows[0].speaker, rows[0].language) == (INDEX, "emilia_EN_B00012_S00345", "en")
    assert (rows[0].transcript, rows[0].split, rows[1].language) == ("Run, now!", "test", "zh")
    assert [(skip.key, skip.reason) for skip in skips] == [("FR_B1", "bad_row"), ("line 4", "not_json")]


def test_not_the_corpus(tmp_path):
    with pytest.raises(CorpusError, match="is not Emo-Emilia"):
        list(read_emo_emilia(tmp_path))
