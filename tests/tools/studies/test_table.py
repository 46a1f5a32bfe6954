from tools.studies.outcomes import Outcome
from tools.studies.table import study_table


def outcome(name: str, **changes) -> Outcome:
    fields = {
        "variant": name,
        "n": 60,
        "ua": (0.5, 0.02),
        "ua_of_seeds": (0.48, 0.52),
        "ua_ci95": (0.4, 0.6),
        "wa": (0.6, 0.0),
        "macro_f1": (0.45, 0.01),
        "recall": {"fear": 0.25},
        "unparsed_rate": 0.0,
        "tokens": None,
        "latency": None,
    }
    return Outcome(**{**fields, **changes})


def test_rows_and_columns():
    text = study_table([outcome("linear"), outcome("cosine", gain=-0.012, gain_ci95=(-0.04, 0.013))], "linear")
    head, rule, first, second = text.splitlines()
    assert head == (
        "| variant | UA, mean ± sd over seeds | UA of each seed | 95 % interval | UA against linear | WA | Macro-F1 "
        "| recall of fear | unparsed |"
    )
    assert rule == "|---|---|---|---|---|---|---|---|---|"
    assert (
        first == "| linear | 0.500 ± 0.020 | 0.480, 0.520 | 0.400 to 0.600 |  | 0.600 | 0.450 ± 0.010 | 0.250 | 0.000 |"
    )
    assert "| -0.012 (-0.040 to +0.013) |" in second


def test_tokens_and_latency_have_columns_where_any_variant_has_them():
    text = study_table([outcome("scored"), outcome("explicit", tokens=43.21, latency=0.5)], "scored")
    assert text.splitlines()[0].endswith("| unparsed | tokens an answer | latency |")
    assert text.splitlines()[3].endswith("| 0.000 | 43.2 | 0.50 s |")
