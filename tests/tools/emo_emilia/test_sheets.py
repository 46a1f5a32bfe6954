"""The pages: blind, in an order of their own, and really driven by keys in a headless browser where there is one."""

import base64
import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from c2ser_lightning.data.audio import decode_audio
from tests.tools.emo_emilia.made import candidate, listed
from tools.emo_emilia.candidate import EmiliaError, read_candidates, sheet_id
from tools.emo_emilia.reviews import read_review
from tools.emo_emilia.sheets import write_sheets

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def clips(page: Path) -> list[dict]:
    found = re.findall(r'<script type="application/json" class="clip">(.*?)</script>', page.read_text(encoding="utf-8"))
    return [json.loads(text) for text in found]


def test_pages_are_blind_complete_and_each_in_its_own_order(tmp_path):
    made = listed(tmp_path / "in", 20)
    sheets = write_sheets(made, ["ann", "bo"], tmp_path / "out", "link", 0)
    orders = [[clip["index"] for clip in clips(page)] for page in sheets.pages]
    assert set(orders[0]) == set(orders[1]) == {one.index for one in made}
    assert orders[0] != orders[1]
    assert all(order != sorted(order) for order in orders)
    assert [
        clip["index"] for clip in clips(write_sheets(made, ["bo"], tmp_path / "out", "link", 0).pages[0])
    ] == orders[1]
    assert set(clips(sheets.pages[0])[0]) == {"index", "language", "text", "audio"}
    for clip in clips(sheets.pages[0]):
        assert (tmp_path / "out" / clip["audio"]).is_file()
        assert clip["text"] == next(one.text for one in made if one.index == clip["index"])
    assert sheets.sheet == sheet_id(read_candidates(tmp_path / "out"))
    assert "https://" not in sheets.pages[0].read_text(encoding="utf-8")


def test_embedded_sound_is_the_same_sound(tmp_path):
    made = listed(tmp_path / "in", 3)
    page = write_sheets(made, ["ann"], tmp_path / "out", "embed", 0).pages[0]
    for clip in clips(page):
        kind, _, data = clip["audio"].partition(",")
        assert kind == "data:audio/flac;base64"
        sound = base64.b64decode(data)
        assert sound == (tmp_path / "out" / "audio" / f"{clip['index']}.flac").read_bytes()
        assert len(decode_audio(sound)) == 4800


def test_text_cannot_leave_its_place(tmp_path):
    made = listed(tmp_path / "in", 1)
    nasty = "</script><script>alert(1)</script> &lt;"
    page = write_sheets([candidate(0, file=made[0].file, text=nasty)], ["ann"], tmp_path / "out", "link", 0).pages[0]
    assert clips(page)[0]["text"] == nasty
    assert "alert(1)</script>" not in page.read_text(encoding="utf-8")


def test_sound_that_cannot_be_read_is_on_no_page(tmp_path):
    made = listed(tmp_path / "in", 3)
    Path(made[1].file).unlink()
    sheets = write_sheets(made, ["ann"], tmp_path / "out", "link", 0)
    assert {clip["index"] for clip in clips(sheets.pages[0])} == {made[0].index, made[2].index}
    assert json.loads((tmp_path / "out" / "ledger.jsonl").read_text())["reason"] == "missing_file"
    with pytest.raises(EmiliaError, match="no candidate has readable sound"):
        write_sheets([made[1]], ["ann"], tmp_path / "none", "link", 0)


DRIVER = """
<script>
const press = (key) => document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const saved = [];
URL.createObjectURL = (blob) => (saved.push(blob), "about:blank#x");
HTMLAnchorElement.prototype.click = () => {};
const log = [];
const seen = () => document.getElementById("place").textContent + "|" + document.getElementById("progress").textContent;
(async () => {
  for (const key of %(keys)s) { press(key); log.push(seen()); }
  document.getElementById("save-json").click();
  document.getElementById("save-csv").click();
  const files = await Promise.all(saved.map((blob) => blob.text()));
  const sound = await new Promise((done) => {
    const player = document.getElementById("player");
    if (player.readyState >= 1) return done(player.duration);
    player.addEventListener("loadedmetadata", () => done(player.duration));
    player.addEventListener("error", () => done("no sound"));
  });
  const node = document.createElement("pre");
  node.id = "outcome";
  node.textContent = JSON.stringify({ log, files, sound, warning: document.getElementById("warning").textContent,
    pressed: document.querySelector('[aria-pressed="true"]')?.dataset.answer ?? null,
    kept: JSON.parse(localStorage.getItem(shelf)) });
  document.body.append(node);
})();
</script>
"""


def drive(page: Path, profile: Path, keys: list[str]) -> dict:
    """Press keys on a page in a browser whose storage lasts as long as its profile folder."""
    driven = page.with_name("driven.html")
    driven.write_text(page.read_text(encoding="utf-8") + DRIVER % {"keys": json.dumps(keys)}, encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio", "--dump-dom"]
    command = [BROWSER, *options, "--timeout=4000", f"--user-data-dir={profile}", driven.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    outcome = re.search(r'<pre id="outcome">(.*?)</pre>', done.stdout, re.DOTALL)
    assert outcome, done.stderr[-2000:]
    return json.loads(html.unescape(outcome[1]))


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here: apt-get install chromium")
@pytest.mark.parametrize("audio", ["link", "embed"])
def test_keys_in_a_real_browser(tmp_path, audio):
    made = listed(tmp_path / "in", 4)
    page = write_sheets(made, ["ann"], tmp_path / "out", audio, 0).pages[0]
    order = [clip["index"] for clip in clips(page)]
    first = drive(page, tmp_path / "profile", ["1", "ArrowLeft", "ArrowLeft", "7", "u", "x", "n", "5"])
    places = [line.split(" ")[0] for line in first["log"]]
    # 1 goes on; back twice stops at the first; 7 changes the first answer; u skips; x is no key; n finds 3.
    assert places == ["2", "1", "1", "2", "3", "3", "4", "4"]
    assert first["log"][-1].endswith("3 of 4 answered, 1 unsure")
    assert first["warning"] == "Saved; 1 are still open."
    assert first["sound"] == pytest.approx(0.3, abs=0.02)
    answers = {order[0]: "fear", order[1]: "unsure", order[3]: "surprise"}
    assert first["kept"] == {"place": 3, "answers": answers}

    # Another start of the browser finds the answers, and the files it saves are what the merge reads.
    again = drive(page, tmp_path / "profile", ["n", "2"])
    assert again["log"][0].startswith("3 / 4")
    assert again["warning"] == ""
    assert again["pressed"] == "surprise"
    for text, name in zip(again["files"], ("r.json", "r.csv"), strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
        review = read_review(tmp_path / name, made)
        assert review.reviewer == "ann"
        assert {key: value for key, value in review.answers.items() if value} == {
            order[0]: "fear",
            order[2]: "happiness",
            order[3]: "surprise",
        }
