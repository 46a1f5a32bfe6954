import pytest

from tests.commands import python
from tests.tools.inspection.folders import build, edit_info
from tools.inspect_shards import main


def status(*arguments) -> int:
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as end:
        return end.code
    return 0


def test_a_clean_folder_ends_well_and_has_its_page(tmp_path, capsys):
    folder = build(tmp_path / "toy")
    assert status(folder, "--strict") == 0
    printed = capsys.readouterr().out
    assert "35 utterances, 0.00 h, 4 shards" in printed
    assert "checksums and schema hold; nothing to warn of" in printed
    assert f"page: {folder / 'inspection.html'}" in printed
    assert (folder / "inspection.html").read_text(encoding="utf-8").count("<audio") == 35


def test_warnings_count_only_when_strict(tmp_path, capsys):
    folder = build(tmp_path / "toy", left_out={"silent": 2})
    assert status(folder, "--out", tmp_path / "page.html") == 0
    assert "warning: Inputs that were left out: 2: 2 silent" in capsys.readouterr().out
    assert status(folder, "--out", tmp_path / "page.html", "--strict") == 1


def test_a_broken_folder_ends_with_status_1_and_a_page(tmp_path, capsys):
    folder = build(tmp_path / "toy")
    edit_info(folder, lambda info: info["splits"]["dev"]["shards"][0].update(sha256="0" * 64))
    assert status(folder, "--out", tmp_path / "page.html", "--examples", 1) == 1
    printed = capsys.readouterr().out
    assert "error: Shards changed since they were built: 1: dev-000000.tar" in printed
    assert "schema hold" not in printed
    assert (tmp_path / "page.html").read_text(encoding="utf-8").count("<audio") == 7


def test_a_folder_that_is_not_there_ends_with_status_2(tmp_path, capsys):
    assert status(tmp_path / "nowhere") == 2
    assert "does not exist; build it with" in capsys.readouterr().err


def test_a_misspelt_option_is_corrected(tmp_path, capsys):
    assert status(tmp_path, "--strickt") == 2
    assert "did you mean --strict?" in capsys.readouterr().err


@pytest.mark.slow
def test_as_a_command_with_progress(tmp_path):
    done = python("-m", "tools.inspect_shards", build(tmp_path / "toy"))
    assert "page:" in done.stdout
    assert "inspecting toy: 100%" in done.stderr
