import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.building.work_folder import BuildError, open_work_folder


def test_it_lies_beside_the_shards_and_is_swept_at_each_start(tmp_path):
    with open_work_folder(tmp_path / "shards" / "x") as work:
        assert work.path == tmp_path / "shards" / "x.work"
        kept = [work.measured("a"), work.sound("a"), work.records("b"), work.vectors("c"), work.note("train-000000")]
        swept = [work.rows(3), work.spool("train-000000"), Path(f"{work.sound('d')}.0123.partial")]
        for path in (*kept, *swept):
            path.touch()
    with open_work_folder(tmp_path / "shards" / "x"):
        assert all(path.is_file() for path in kept)
        assert not any(path.exists() for path in swept)


def test_files_of_other_keys_are_removed(tmp_path):
    with open_work_folder(tmp_path / "x") as work:
        for key in "ab":
            work.measured(key).touch()
            work.sound(key).touch()
        work.keep_only("measured", {"b"})
        assert sorted(path.name for path in (work.path / "measured").iterdir()) == ["b.flac", "b.jsonl"]


def test_another_process_is_kept_out_until_this_one_ends(tmp_path):
    code = (
        "import pathlib, sys\n"
        "from tools.building.work_folder import open_work_folder\n"
        "with open_work_folder(pathlib.Path(sys.argv[1])):\n"
        "    print('in', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "x")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "in\n"
        with pytest.raises(BuildError, match="another build is writing"), open_work_folder(tmp_path / "x"):
            pass
        other.kill()
    with open_work_folder(tmp_path / "x"):
        pass
