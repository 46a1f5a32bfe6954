import argparse

import pytest

from tools.command_line import Parser, non_negative_float, positive_float, positive_int


@pytest.mark.parametrize("text", ["0", "-3", "2.5", "many", ""])
def test_positive_int_refuses(text):
    with pytest.raises(argparse.ArgumentTypeError, match="whole number above zero"):
        positive_int(text)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "x"])
def test_positive_float_refuses(text):
    with pytest.raises(argparse.ArgumentTypeError, match="is not a number"):
        positive_float(text)


def test_numbers_are_parsed():
    assert (positive_int("7"), positive_float("0.5"), non_negative_float("0")) == (7, 0.5, 0.0)


def test_a_misspelt_option_names_the_nearest(capsys):
    parser = Parser("tools.some", "Does something.")
    parser.add_argument("--max-seconds")
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args(["--max-secnds", "3"])
    assert stopped.value.code == 2
    assert "did you mean --max-seconds?" in capsys.readouterr().err


def test_an_unlike_option_lists_all_and_abbreviations_are_refused(capsys):
    parser = Parser("tools.some", None)
    parser.add_argument("--max-seconds")
    with pytest.raises(SystemExit):
        parser.parse_args(["--zzz"])
    assert "options: --help, --max-seconds" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        parser.parse_args(["--max", "3"])
