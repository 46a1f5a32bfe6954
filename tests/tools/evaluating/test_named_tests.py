"""Tests by folder and by name, and what cannot be told apart."""

from pathlib import Path

import pytest

from tests.results import result
from tools.evaluating.named_tests import SameTestError, named_folder, read_tests


def test_a_name_stands_before_the_first_equals_sign():
    assert named_folder("a b=runs/x=1") == ("a b", Path("runs/x=1"))
    assert named_folder("runs/x") == (None, Path("runs/x"))


def test_names_of_ones_own_tell_two_tests_of_a_system_apart(tmp_path):
    first, second = (tmp_path / name for name in ("written", "scored"))
    for folder in (first, second):
        result("implicit").write(folder)
    with pytest.raises(SameTestError, match=f"{first} and {second} are both tests of 'implicit' on .*name the systems"):
        read_tests([str(first), str(second)])
    assert [one.name for one in read_tests([str(first), f"b={second}"])] == ["implicit", "b"]
    assert [one.name for one in read_tests([f"a={first}", f"b={first}"])] == ["a", "b"]
    assert [one.name for one in read_tests([str(first), str(first)])] == ["implicit"]
