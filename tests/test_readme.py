"""What the documentation tells people to type exists: targets, modules, options, configs, links."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.commands import python
from tests.conftest import ROOT

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "shards/README.md")]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def test_every_make_target_is_real():
    targets = set(re.findall(r"\bmake ([a-z]+)\b", TEXT)) - {"a", "sure"}
    assert {"demo", "test", "shards", "lint", "format", "bench", "clean", "setup"} <= targets
    for target in sorted(targets):
        done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (target, done.stderr)


def test_make_alone_lists_the_targets():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("setup", "demo", "shards", "test", "lint", "format", "bench", "clean"):
        assert f"make {target} " in done.stdout


def test_make_passes_corpus_data_and_whisper_on():
    line = ["make", "--dry-run", "demo", "CORPUS=ravdess", "DATA=some/folder", "WHISPER=some/whisper", "NAME=mine"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "--corpus ravdess --data some/folder --whisper some/whisper --name mine" in done.stdout


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"python -m tools\.(\w+)", TEXT))))
def test_every_tool_explains_itself(verb):
    assert "usage: python -m" in python("-m", f"tools.{verb}", "--help").stdout


def test_every_config_named_is_shipped():
    for name in set(re.findall(r"configs/[\w/]+\.yaml", TEXT)):
        assert (ROOT / name).is_file(), name


def test_every_relative_link_leads_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)


def test_no_page_names_a_path_of_a_machine():
    assert not re.search(r"(?<![\w<])/(?:home|root|work|tmp)/", TEXT)
    assert all(Path(page).is_file() for page in PAGES)
