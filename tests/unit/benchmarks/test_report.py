"""Documents quote what was measured: they follow from the measurements alone, and tell missed bars and old figures."""

import json
import re
from dataclasses import asdict
from typing import Any

import evaluation_tables
import generated
import markdown_tables
import model_card
import pytest
import report
import studio_tables
import training_settings

from photochrom import Colorizer
from photochrom.training.config import CONFIGS

MACHINE = {
    "processor": "Some CPU", "processors": 4, "processors_used": 2, "memory_gib": 8.0, "system": "Some system",
    "python": "3.11.0", "packages": {"numpy": "2.0"},
}  # fmt: skip
ACCURATE, VIVID = evaluation_tables.ACCURATE, evaluation_tables.VIVID
GRAY_DB = 20.0
# PSNR above gray by hints: at the bar, just below it, at the aim.
GAINS = {"0": 1.2, "1": 1.99, "10": 5.6, "50": 7.0, "100": 8.0}


def quality() -> dict[str, Any]:
    """A made-up report of `photochrom evaluate`, as the benchmark keeps it."""

    def curve(gains: dict[str, float]) -> dict[str, Any]:
        return {"psnr": {k: GRAY_DB + v for k, v in gains.items()}, "psnr_above_gray": gains}

    gray = {"psnr": {"0": GRAY_DB}}
    levin = {"1": 1.5, "10": 1.0, "50": 0.99, "100": 0.2}
    models = (VIVID, ACCURATE)
    conditions = ("", "/histogram", "/saturation", "/both")
    told = {
        method + condition: 21.0 + ("histogram" in condition) * 3.3 for method in models for condition in conditions
    }
    results = {
        "siggraph17": {
            "gray": gray,
            "levin": curve({k: v - 1 for k, v in GAINS.items() if k != "0"}),
            VIVID: curve({k: v - 1 for k, v in GAINS.items()}),
            ACCURATE: curve(GAINS) | {"psnr_above_levin": levin},
        },
        "automatic": {"gray": gray} | {method: gray | {"colorfulness_ratio": {"0": 1.05}} for method in models},
        "eccv16": {method: {"auc_rebalanced": {"0": 70 + (method == VIVID) / 2}} for method in ("gray", *models)},
        "global": {"gray": gray} | {method: {"psnr": {"0": db}} for method, db in told.items()},
    }
    errors = {
        protocol: {
            method: {metric: dict.fromkeys(values, 0.25) for metric, values in figures.items()}
            for method, figures in methods.items()
        }
        for protocol, methods in results.items()
    }
    gains = {"gain_per_hint": {"1": 1.5, "2": 1.0}, "psnr_above_uniform": {"0": 0.0, "1": 0.4, "2": 0.2}}
    places = {"guided": {f"{method}/{place}": gains for method in models for place in ("uniform", "next_hint")}}
    guided: dict[str, Any] = {"images": {"count": 2}, "results": places, "standard_errors": places}
    return {
        "sha256": "5" * 64,
        "guided": guided,
        "report": {"images": {"count": 3}, "results": results, "standard_errors": errors},
    }


QUALITY = quality()
MANIFEST: dict[str, Any] = {
    "training": {
        "config": {"seed": 7, "output": "runs/x", "schedule": {"batch": 32, "steps": 1000}, "data": {"cache": "c"}},
        "step": 500,
        "seconds": 5400.0,
    }
}


def entry(figures: dict[str, Any]) -> dict[str, Any]:
    about = {"measured": "2026-01-31", "revision": "abc", "command": "python x", "machine": MACHINE, "load": 0.5}
    return about | {"figures": figures}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_documents_are_what_the_report_writes() -> None:
    remedy = "run: make bench-documents (and make bench-quality, if the weights are new)"
    for path, text in report.documents(report.stored()).items():
        assert path.read_text("utf-8") == text, remedy


def test_every_row_of_every_table_is_as_long_as_its_head() -> None:
    lines = (report.DOCS / "measurements.md").read_text("utf-8").splitlines()
    heads = [at for at, line in enumerate(lines) if line.startswith("| ---")]
    assert heads
    for at in heads:
        rows = []
        for line in lines[at - 1 :]:
            if not line.startswith("|"):
                break
            rows.append(len(cells(line)))
        assert len(rows) > 2 and len(set(rows)) == 1, lines[at - 1]


def test_measurements_name_no_folder_of_the_machine_they_were_made_on() -> None:
    assert not re.search(r'["\s](/|[A-Z]:\\)\w', report.MEASUREMENTS.read_text("utf-8"))


def test_weights_are_identified_as_the_engine_identifies_them() -> None:
    assert report.weights_sha256() == Colorizer("compact").engine.sha256


def test_a_bar_is_met_at_its_value_and_missed_beyond() -> None:
    assert markdown_tables.at_most(0.2, 0.2, "{:.1f}")[-1] == "met"
    assert markdown_tables.at_most(0.21, 0.2, "{:.2f}")[-1] == "**missed**"
    assert evaluation_tables.Bar("x", 1.2, (1.2, 9.0), (1.21, 9.0), "").cells()[3::2] == ["met", "**missed**"]


def test_every_method_stands_beside_the_published_figures() -> None:
    rows = {line[0]: line[1:] for line in map(cells, evaluation_tables.summary(QUALITY["report"])) if line}
    assert rows["the gray photograph"] == ["20.00 ± 0.25", "", "", "", "", "", "22.82", ""]
    assert rows["automatic"] == ["21.20 ± 0.25", "+1.20", "", "20.20 ± 0.25", "+0.20", "", "24.43", "+1.61"]
    # Published: 28.42 dB with 10 hints, the gray photographs of that paper 22.82.
    assert rows["10 hints"][:3] == ["25.60 ± 0.25", "+5.60", "+1.00"]
    assert rows["10 hints"][5:] == ["24.60 ± 0.25", "28.42", "+5.60"]


def test_every_bar_is_judged_at_least_and_as_an_aim() -> None:
    rows = {line[0]: line[1:] for line in map(cells, evaluation_tables.summary(QUALITY["report"])) if len(line) == 6}
    met, missed = "met", "**missed**"
    assert rows["accurate, automatic, above gray"] == ["1.20 dB", "at least 1.2 dB", met, "at least 1.6 dB", missed]
    assert rows["accurate, 1 hint, above gray"][2::2] == [missed, missed]
    assert rows["accurate, 10 hints, above gray"][2::2] == [met, met]
    assert rows["accurate, true histogram, above automatic"][0::2] == ["3.30 dB", met, met]
    assert rows["accurate, above Levin 2004, least of 1 to 50 hints"][0::2] == ["0.99 dB (50 hints)", missed, missed]
    ratio = ["1.05", "0.7 to 1.1", met, "0.9 to 1.0", missed]
    assert rows["vivid, automatic, colourfulness over the truth's"] == ratio
    assert rows["vivid, rebalanced AuC, above accurate's"] == ["0.50 %", "at least 0.0 %", met, "", ""]


def test_what_a_hint_brings_stands_beside_random_places() -> None:
    rows = {line[0]: line[1:] for line in map(cells, evaluation_tables.evaluation(QUALITY)) if line}
    assert rows["2 hints"][2::3] == ["0.200 ± 0.200"] * 2 and rows["1 hint"][0] == "1.50 ± 1.50"


def test_published_rows_are_marked() -> None:
    lines = evaluation_tables.evaluation(QUALITY)
    for published in ("Iizuka 2016", "Zhang 2016, L2", "DDColor-large", "Zhang 2017, true histogram"):
        assert any(line.startswith(f"| {published} (published)") for line in lines)


def test_figures_of_other_weights_are_marked() -> None:
    measurements = {"evaluation": entry(QUALITY)}
    assert "other weights" in report.document(measurements, "6" * 64)
    assert "other weights" not in report.document(measurements, "5" * 64)


def test_each_section_names_its_machine() -> None:
    other = MACHINE | {"processor": "Another CPU"}
    startup = dict.fromkeys(("python -c pass", "import photochrom", "photochrom --help"), 0.1)
    text = report.document({"startup": entry(startup) | {"machine": other}, "evaluation": entry(QUALITY)}, "")
    assert "machine 1, load 0.5 before" in text and "machine 2, load 0.5 before" in text
    assert text.endswith(
        "1. Another CPU, 4 processors (2 used), 8.0 GiB of memory, Some system, Python 3.11.0, numpy 2.0\n"
        "2. Some CPU, 4 processors (2 used), 8.0 GiB of memory, Some system, Python 3.11.0, numpy 2.0\n"
    )


def test_a_document_keeps_what_people_wrote_and_has_the_rest_replaced() -> None:
    text = f"before\n{generated.begin('x')}\nold\n{generated.END}\nafter\n"
    filled = generated.fill(text, "x", ["new"])
    assert filled.startswith("before\n") and filled.endswith("after\n")
    assert "\nnew\n" in filled and "\nold\n" not in filled
    assert generated.fill(filled, "x", ["new"]) == filled


@pytest.mark.parametrize("text", ["nothing", generated.begin("x"), generated.begin("y") + generated.END])
def test_a_document_without_marks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must hold"):
        generated.fill(text, "x", [])


def test_the_model_card_tells_the_training_of_the_manifest() -> None:
    rows = {line[0]: line[1] for line in map(cells, model_card.lines(MANIFEST, entry(QUALITY), "5" * 64)) if line}
    assert rows["seed"] == "7" and rows["time"] == "1.5 hours" and rows["`schedule.batch`"] == "`32`"
    assert rows["steps"] == "500" and rows["pictures seen"] == "16,000"
    assert rows["machine"] == "not recorded by this run"
    assert rows["automatic"] == "21.20 ± 0.25"


def test_the_model_card_tells_of_the_runs_before_the_last() -> None:
    first = MANIFEST["training"]
    training = {**first, "config": {**first["config"], "start": "embedded"}, "step": 70, "before": first}
    lines = model_card.lines({**MANIFEST, "training": training}, entry(QUALITY), "5" * 64)
    rows = {line[0]: line[1:] for line in map(cells, lines) if line}
    assert rows["steps"] == ["500", "70"] and rows["`start`"] == ["", "`embedded`"]


def test_the_model_card_quotes_no_figures_of_other_weights() -> None:
    assert "21.20" not in "".join(model_card.lines(MANIFEST, entry(QUALITY), "6" * 64))
    assert "not been measured" in model_card.lines(MANIFEST, None, "6" * 64)[-1]


def test_every_training_setting_stands_with_its_default() -> None:
    rows = {line[0]: line[1:] for line in map(cells, training_settings.lines()) if line}
    meaning = "side of the training pictures, a multiple of 32, of 8 for the published networks."
    assert rows["`data.size`"] == ["`128`", *["`176`"] * 3, meaning]
    for column, kind in enumerate(CONFIGS.values()):
        for name, value in asdict(kind()).items():
            if not isinstance(value, dict):
                assert rows[f"`{name}`"][column] == f"`{json.dumps(value)}`"
            else:
                assert all(rows[f"`{name}.{key}`"][column] for key in value)
    assert rows["`mask_cent`"][:4] == ["", "", "`0.5`", ""]


def test_a_meaning_may_go_on_in_the_next_line() -> None:
    docstring = "Title.\n\nAttributes:\n    a: one\n        and two.\n    b: three.\n\nRaises:\n    c: no.\n"
    assert training_settings.attributes(docstring) == {"a": "one and two.", "b": "three."}


STUDIO: dict[str, Any] = {
    "bars": {
        "median_ms": 150, "p95_ms": 400, "decoder_share": 0.1, "upload_ms": 1000, "memory_share": 1.1,
        "longest_task_ms": 50,
    },
    "decoder": {kind: {"median_ms": 60.0, "least_ms": 50.0} for kind in ("edit", "siggraph17")} | {"share": 0.11},
    "edits": 9,
    "rows": [
        {
            "photograph": "large",
            "click": {"median_ms": 150.0, "p95_ms": 401.0},
            "suggestion": {"median_ms": 99.0, "p95_ms": 100.0},
        }
    ],
    "longest_task_ms": 51,
    "upload": {"megapixels": 12, "median_ms": 1000.0},
    "rapid": {
        "edits": 100, "pause_ms": 30, "last_ms": 88.0, "made": 301, "undone": 300,
        "bytes": {"script": 5e6}, "memory_shares": {"script": 1.2},
    },
}  # fmt: skip


def test_every_figure_of_the_studio_is_judged_by_its_bar() -> None:
    rows = {line[0]: line[1::2] for line in map(cells, studio_tables.studio(STUDIO)) if len(line) == 4}
    assert rows["large, click: median"] == ["150 ms", "met"]
    assert rows["large, click: 95th percentile"] == ["401 ms", "**missed**"]
    assert rows["an edit's share of SIGGRAPH 2017's network"] == ["0.11", "**missed**"]
    assert rows["longest task of the page's main thread"] == ["51 ms", "**missed**"]
    assert rows["12 megapixels to their colours"] == ["1000 ms", "met"]
    assert rows["memory of the script after 300 rapid edits / after 100"] == ["1.20", "**missed**"]
    assert rows["rapid edits that cannot be undone"] == ["1", "**missed**"]
