"""Run a page in a headless Chromium and read what a script says of it."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OUTCOME = """<script>(async () => {{
  const node = document.createElement("pre");
  node.id = "outcome";
  node.textContent = JSON.stringify(await ({script})());
  document.body.append(node);
}})();</script>"""


def run_in_browser(page: Path, script: str, profile: Path, *options: str) -> Any:
    """Append a function to a page, run it in a browser once the page is read, and return what it returns.

    Args:
        page: The page; a copy beside it is opened.
        script: JavaScript function that ends without waiting for anything.
        profile: Folder of the browser's profile.
        options: Further command-line options.
    """
    driven = page.with_name("driven.html")
    text = page.read_text(encoding="utf-8")
    driven.write_text(text + OUTCOME.format(script=script), encoding="utf-8")
    fixed = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio", "--dump-dom"]
    command = [BROWSER, *fixed, "--timeout=8000", f"--user-data-dir={profile}", *options, driven.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    outcome = re.search(r'<pre id="outcome">(.*?)</pre>', done.stdout, re.DOTALL)
    assert outcome, done.stderr[-2000:]
    return json.loads(html.unescape(outcome[1]))
