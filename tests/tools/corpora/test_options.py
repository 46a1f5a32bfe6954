from pathlib import Path
from typing import Literal

import pytest

from tools.corpora.base import CorpusError
from tools.corpora.options import option_types, parse_options
from tools.corpora.registry import READERS


def reader(
    data: Path, *, fold: int = 1, loud: bool = False, kind: Literal["big", "small"] = "big", at: Path | None = None
):
    raise NotImplementedError


KNOWN = option_types(reader)


def test_values_have_the_reader_s_types():
    given = ["fold=-2", "loud=Yes", "kind=small", "at=a/b=c"]
    assert parse_options(given, KNOWN, "toy") == {"fold": -2, "loud": True, "kind": "small", "at": Path("a/b=c")}
    assert parse_options(["loud=off"], KNOWN, "toy") == {"loud": False}
    assert parse_options([], KNOWN, "toy") == {}


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("fodl=1", "reader toy has no option 'fodl'; did you mean 'fold'?"),
        ("xyz=1", "options: at, fold, kind, loud"),
        ("fold", "is not key=value"),
        ("fold=one", "fold=one is no whole number"),
        ("loud=maybe", "neither true nor false"),
        ("kind=smal", "did you mean 'small'?"),
    ],
)
def test_a_wrong_option_says_what_is_right(word, message):
    with pytest.raises(CorpusError) as wrong:
        parse_options([word], KNOWN, "toy")
    assert message in str(wrong.value)


def test_an_option_given_twice():
    with pytest.raises(CorpusError, match="twice"):
        parse_options(["fold=1", "fold=2"], KNOWN, "toy")


@pytest.mark.parametrize("name", READERS)
def test_every_reader_s_options_have_a_type_and_a_sentence(name):
    for option in option_types(READERS[name]):
        assert f"{option}: " in READERS[name].__doc__
