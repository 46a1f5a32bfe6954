"""The page comes up under the address that is printed, and goes with Ctrl-C."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.conftest import ROOT
from tools import serve


def test_it_serves_until_it_is_interrupted(stage2_run):
    command = [sys.executable, "-m", "tools.serve", "--run", str(stage2_run), "--device", "cpu", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
        assert address is not None
        with urllib.request.urlopen(address[0]) as reply:
            assert str(stage2_run) in reply.read().decode()
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "stopped\n"
    assert process.returncode == 0


def test_a_port_that_is_taken_is_named(stage2_run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=f"port {port}: .* name another with --port"):
            serve.main(["--run", str(stage2_run), "--device", "cpu", "--port", str(port)])
    with pytest.raises(SystemExit, match="port 70000"):
        serve.main(["--run", str(stage2_run), "--device", "cpu", "--port", "70000"])
