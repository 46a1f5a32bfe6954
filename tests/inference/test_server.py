"""The page and its one question, over a real socket and in a real browser."""

import json
import queue
import subprocess
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from c2ser_lightning.data.audio import encode_flac
from c2ser_lightning.inference import EmotionRecognizer, Recognition, server
from c2ser_lightning.inference.server import RecognitionServer
from c2ser_lightning.modules.recognizer import Recognizer
from c2ser_lightning.report.predictions import Prediction
from tests.browser import BROWSER
from tests.shards import record, tone


@pytest.fixture(scope="module")
def served(stage2_run):
    made = RecognitionServer(EmotionRecognizer.from_run(stage2_run, device="cpu"), "a <tiny> run", 0)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def address(served: RecognitionServer, path: str) -> str:
    return f"http://127.0.0.1:{served.server_port}{path}"


def ask(served: RecognitionServer, data: bytes, path: str = "/recognize") -> dict:
    with urllib.request.urlopen(urllib.request.Request(address(served, path), data=data)) as reply:
        return json.loads(reply.read())


def test_a_recording_is_answered_as_by_the_recogniser(served):
    waveform = tone(3, 0.8)
    found = ask(served, encode_flac(waveform))
    expected = next(served.recognizer.recognize([waveform])).probabilities
    assert found["probabilities"] == pytest.approx(expected, abs=1e-3)  # FLAC has 16 bits
    assert found["seconds"] == 0.8
    assert found["rationale"] == ""
    assert ask(served, encode_flac(waveform), "/recognize?explain=1")["rationale"]


def test_recordings_that_come_together_are_all_answered(served):
    sounds = [encode_flac(tone(number, 0.5)) for number in range(6)]
    alone = [ask(served, sound) for sound in sounds]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda sound: ask(served, sound), sounds))
    assert [one["probabilities"] for one in together] == [pytest.approx(one["probabilities"]) for one in alone]


def test_what_is_no_recording_says_why_and_the_server_goes_on(served):
    assert "cannot be decoded" in ask(served, b"no sound")["problem"]
    assert "longer than 30" in ask(served, encode_flac(tone(0, 31.0)))["problem"]
    assert ask(served, encode_flac(tone(0, 0.5)))["emotion"]


def test_other_requests_are_refused(served, monkeypatch):
    monkeypatch.setattr(server, "LARGEST", 10)
    for path, data, status in (("/nothing", None, 404), ("/nothing", b"x", 404), ("/recognize", b"x" * 11, 413)):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(urllib.request.Request(address(served, path), data=data))
        assert caught.value.code == status


def test_the_page_loads_nothing_from_elsewhere(served):
    with urllib.request.urlopen(address(served, "/")) as reply:
        page, policy = reply.read().decode(), reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "src=" not in page.replace("audio.src =", "")
    assert "a &lt;tiny&gt; run" in page
    assert "recordings of up to 30" in page


def test_a_system_that_explains_nothing_is_not_asked_to():
    class Plain(Recognizer):
        def recognize(self, batch, emotions):
            return [Prediction.of(record(0, 1.0), "anger")]

    with RecognitionServer(EmotionRecognizer(Plain(), device="cpu"), "plain", 0) as made:
        assert 'id="explain"' not in made.page()


@pytest.fixture
def in_browser(served, tmp_path, monkeypatch):
    """Opens the page in a real browser and returns what a function there comes to, in real time."""
    outcomes: queue.Queue[bytes] = queue.Queue()
    page, answer = served.page(), served.answer

    def listen(data: bytes, *, explain: bool) -> Recognition:
        if data.startswith(b"OUTCOME"):
            outcomes.put(data.removeprefix(b"OUTCOME"))
            return Recognition("")
        return answer(data, explain=explain)

    def run(script: str, *options: str) -> Any:
        tell = "found => fetch('/recognize', { method: 'POST', body: 'OUTCOME' + JSON.stringify(found) })"
        driven = f"{page}<script>({script})().catch(error => `${{error}}`).then({tell})</script>"
        monkeypatch.setattr(served, "page", lambda: driven)
        monkeypatch.setattr(served, "answer", listen)
        fixed = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio"]
        stays = ["--remote-debugging-port=0", f"--user-data-dir={tmp_path / 'profile'}"]  # open until it is killed
        command = [BROWSER, *fixed, *stays, *options, address(served, "/")]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
            try:
                return json.loads(outcomes.get(timeout=120))
            finally:
                browser.kill()

    return run


CARDS = """() => [...document.querySelectorAll("article")].map(card => ({
  head: card.querySelector("h3").textContent, bars: card.querySelectorAll(".bar").length,
  problem: card.querySelector(".problem")?.textContent ?? "", what: card.querySelector("small").textContent,
}))"""


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_a_person_sees_the_emotion_its_bars_and_what_went_wrong(served, in_browser):
    letter, sound = in_browser(
        f"""async () => {{
          const samples = Float32Array.from({{ length: 12000 }}, (_, place) => 0.1 * Math.sin(place / 20));
          await ask("a tone", wav(samples));
          await ask("a letter", new Blob(["no sound"]));
          return ({CARDS})();
        }}"""
    )
    assert "cannot be decoded" in letter["problem"]
    assert sound["head"] in served.recognizer.emotions
    assert (sound["bars"], sound["problem"], sound["what"]) == (7, "", "a tone, 0.8 s")


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_a_person_speaks_into_the_microphone(served, in_browser):
    """The browser's own microphone of beeps, recorded by the button."""
    microphone = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    (spoken,) = in_browser(
        f"""async () => {{
          const until = async done => {{ while (!done()) await new Promise(go => setTimeout(go, 50)); }};
          recordButton.click();
          await until(() => recordButton.textContent.startsWith("Stop (1"));
          recordButton.click();
          await until(() => document.querySelector("article"));
          return ({CARDS})();
        }}""",
        *microphone,
    )
    assert spoken["head"] in served.recognizer.emotions
    assert spoken["what"].startswith("your recording, 1.")
