"""Ten thousand answers in a real browser: quick to open, quick to filter, on a phone and by keyboard."""

from dataclasses import replace

import pytest

from c2ser_lightning.report.html import write_report
from tests.browser import BROWSER, run_in_browser
from tests.report.test_probes import probes
from tests.results import predictions, result

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium here: apt-get install chromium"),
    pytest.mark.slow,
]
ROWS = 10_000
SCRIPT = """() => {
  const rows = () => document.querySelectorAll("#answer-table tbody tr").length;
  const place = () => document.getElementById("answer-place").textContent;
  const timed = act => {
    const start = performance.now();
    act();
    document.body.getBoundingClientRect();
    return performance.now() - start;
  };
  const opened = performance.now(), first = place(), shown = rows();
  const later = timed(() => document.getElementById("later").click()), second = place();
  const search = document.querySelector("[name=text]");
  search.value = "& 9999";
  const found = timed(() => search.dispatchEvent(new Event("input", { bubbles: true }))), hits = place();
  const left = document.getElementById("later").disabled;
  const example = document.querySelector("details.claim summary");
  example.focus();
  const focused = document.activeElement === example;
  example.click();
  const unfolded = example.parentElement.open && example.parentElement.querySelector("dl").offsetHeight > 0;
  const tall = example.offsetHeight;
  const controls = "#answer-filters :is(input, select, button), .scroll";
  const reached = [...document.querySelectorAll(controls)].every(one => one.tabIndex >= 0);
  const wide = document.documentElement.scrollWidth - innerWidth;
  const page = { opened, reached, focused, unfolded, tall, wide, width: innerWidth };
  return { ...page, first, shown, later, second, found, hits, left };
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    answer = "The speaker spoke at a fast pace, with a low pitch and a moderate volume. The emotion is anger. " * 2
    rows = [replace(row, key=f"utt{number:05d}", answer=answer) for number, row in enumerate(predictions(ROWS))]
    probed = replace(result("explicit", rows=rows), probes=probes())
    write_report([probed, result("implicit", rows=rows)], folder / "page.html")
    assert (folder / "page.html").stat().st_size < 12e6
    return folder / "page.html"


@pytest.mark.parametrize("size", ["1280,900", "500,800"])
def test_ten_thousand_rows_do_not_freeze_the_page(page, tmp_path, size):
    seen = run_in_browser(page, SCRIPT, tmp_path / "profile", f"--window-size={size}")
    print(seen)
    assert (seen["shown"], seen["first"], seen["second"]) == (50, "1 to 50 of 10000", "51 to 100 of 10000")
    assert (seen["hits"], seen["left"]) == ("1 to 1 of 1", True)
    assert seen["reached"]
    assert (seen["focused"], seen["unfolded"]) == (True, True)
    assert seen["tall"] >= 44  # as high as a finger
    assert seen["wide"] <= 0  # nothing to scroll sideways but tables of their own
    assert seen["opened"] < 5000  # milliseconds from navigation to a page that answers
    assert max(seen["later"], seen["found"]) < 500
