import pytest

from tests.results import result
from tools.report import main


def test_finished_tests_become_one_page_and_one_table(tmp_path, capsys):
    result("a").write(tmp_path / "a")
    result("b").write(tmp_path / "b")
    page = tmp_path / "deep" / "page.html"
    main([f"first={tmp_path / 'a'}", str(tmp_path / "b"), "--out", str(page)])
    printed = capsys.readouterr().out
    assert [line.split()[0] for line in printed.splitlines()[2:4]] == ["first", "b"]
    assert f"report: {page}" in printed
    assert page.read_text(encoding="utf-8").count("<figcaption>") == 2


def test_a_folder_whose_path_holds_an_equals_sign(tmp_path, capsys):
    result("a").write(tmp_path / "lr=1" / "a")
    main([f"first={tmp_path / 'lr=1' / 'a'}", "--out", str(tmp_path / "page.html")])
    assert "first" in capsys.readouterr().out


@pytest.mark.parametrize("file", ["metrics.json", "predictions.jsonl"])
def test_a_damaged_file_is_named_without_a_traceback(tmp_path, file):
    result().write(tmp_path)
    (tmp_path / file).write_text("broken\n")
    with pytest.raises(SystemExit, match=rf"error: .*{file}"):
        main([str(tmp_path), "--out", str(tmp_path / "page.html")])


def test_what_is_missing_or_does_not_compare_is_named(tmp_path):
    with pytest.raises(SystemExit, match=r"no metrics\.json in .*nowhere"):
        main([str(tmp_path / "nowhere")])
    result(corpus="one").write(tmp_path / "one")
    result(corpus="two").write(tmp_path / "two")
    with pytest.raises(SystemExit, match="one test set"):
        main([str(tmp_path / "one"), str(tmp_path / "two")])
    result(corpus="one").write(tmp_path / "again")
    with pytest.raises(SystemExit, match=r"error: .*one and .*again are both tests of"):
        main([str(tmp_path / "one"), str(tmp_path / "again")])
