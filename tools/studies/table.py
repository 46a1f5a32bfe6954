"""A study's outcomes as a Markdown table."""

from collections.abc import Sequence

from tools.studies.outcomes import Bounds, Outcome, Spread


def study_table(outcomes: Sequence[Outcome], baseline: str) -> str:
    """Return one row a variant; columns that no variant has a value for are left out."""
    names = list(outcomes[0].recall)
    heads = ["variant", "UA, mean ± sd over seeds", "UA of each seed", "95 % interval", f"UA against {baseline}"]
    heads += ["WA", "Macro-F1", *(f"recall of {name}" for name in names), "unparsed", "tokens an answer", "latency"]
    rows = [_row(one, names) for one in outcomes]
    kept = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    lines = [[heads[place] for place in kept], ["---"] * len(kept), *([row[place] for place in kept] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |".replace("| --- ", "|---").replace("--- |", "---|") for line in lines)


def _row(one: Outcome, names: Sequence[str]) -> list[str]:
    gain = "" if one.gain is None or one.gain_ci95 is None else f"{one.gain:+.3f} ({_between(one.gain_ci95, '+')})"
    return [
        one.variant,
        _pair(one.ua),
        ", ".join(f"{value:.3f}" for value in one.ua_of_seeds) if len(one.ua_of_seeds) > 1 else "",
        _between(one.ua_ci95),
        gain,
        _pair(one.wa),
        _pair(one.macro_f1),
        *(f"{one.recall[name]:.3f}" for name in names),
        f"{one.unparsed_rate:.3f}",
        "" if one.tokens is None else f"{one.tokens:.1f}",
        "" if one.latency is None else f"{one.latency:.2f} s",
    ]


def _pair(spread: Spread) -> str:
    return f"{spread[0]:.3f} ± {spread[1]:.3f}" if spread[1] else f"{spread[0]:.3f}"


def _between(bounds: Bounds, sign: str = "") -> str:
    return f"{bounds[0]:{sign}.3f} to {bounds[1]:{sign}.3f}"
