import os
import signal
import subprocess
import sys

import pytest

from c2ser_lightning.data.atomic_file import PARTIAL, atomic_file, write_atomically
from tests.conftest import ROOT


def test_a_file_is_there_when_it_is_whole(tmp_path):
    path = tmp_path / "a.txt"
    with atomic_file(path) as file:
        file.write(b"one")
        assert not path.exists()
    assert path.read_bytes() == b"one"
    write_atomically(path, "zwölf")
    assert path.read_text(encoding="utf-8") == "zwölf"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt), atomic_file(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_of_one_file_do_not_meet(tmp_path):
    path = tmp_path / "a.txt"
    with atomic_file(path) as first, atomic_file(path) as second:
        first.write(b"same")
        second.write(b"same")
    assert path.read_bytes() == b"same"


def test_a_killed_writer_leaves_a_partial_file_only(tmp_path):
    code = (
        "import os, pathlib, signal, sys\n"
        "from c2ser_lightning.data.atomic_file import atomic_file\n"
        "with atomic_file(pathlib.Path(sys.argv[1])) as file:\n"
        "    file.write(b'half')\n"
        "    file.flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "a.txt"], cwd=ROOT, check=False, env=os.environ)
    assert done.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.name.endswith(PARTIAL)
