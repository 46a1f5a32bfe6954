import pytest
from jinja2 import UndefinedError

from c2ser_lightning.report.environment import page_environment


def test_texts_are_escaped_and_misspelt_names_are_errors():
    environment = page_environment()
    assert environment.from_string("{{ text }}").render(text="<b>") == "&lt;b&gt;"
    with pytest.raises(UndefinedError):
        environment.from_string("{{ txet }}").render(text="")


def test_figures_and_shares():
    environment = page_environment()
    assert environment.from_string("{{ 0.5 | figure }} {{ 0.1234 | percent(1) }}").render() == "0.500 12.3"


def test_own_templates_include_the_shared_styles(tmp_path):
    (tmp_path / "own.html").write_text('{% include "page.css" %}{% include "examples.js" %}')
    text = page_environment(tmp_path).get_template("own.html").render()
    assert ":root" in text
    assert "addEventListener" in text
