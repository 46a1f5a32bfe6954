import pytest

from tools.corpora import READERS, CorpusError


def test_an_absent_demo_corpus_says_how_to_make_it(tmp_path):
    with pytest.raises(CorpusError, match=r"python -m tools\.make_demo_corpus --out"):
        list(READERS["demo"](tmp_path))
