"""Documents quote what was measured: they follow from the measurements alone, and tell missed bars and old figures."""

import json
import re
from dataclasses import asdict
from typing import Any

import generated
import model_card
import pytest
import report
import tables
import training_settings

from photochrom import Colorizer
from photochrom.training.config import CONFIGS

MACHINE = {
    "processor": "Some CPU", "processors": 4, "processors_used": 2, "memory_gib": 8.0, "system": "Some system",
    "python": "3.11.0", "packages": {"numpy": "2.0"},
}  # fmt: skip
QUALITY = {
    "model": "compact", "sha256": "5" * 64, "images": 3,
    "rows": {
        name: {"mean": mean, "standard_error": 0.25}
        for name, mean in {
            "psnr gray": 20.0, "psnr accurate 0": 20.7, "psnr vivid 0": 19.5, "psnr accurate 10": 23.6,
            "psnr vivid 10": 22.0, "colourfulness ratio vivid": 0.5,
        }.items()
    },
}  # fmt: skip
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
    for path, text in report.documents(json.loads(report.MEASUREMENTS.read_text("utf-8"))).items():
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
    assert tables.at_most(0.2, 0.2, "{:.1f}")[-1] == tables.at_least(3.5, 3.5, "{:.1f}")[-1] == "met"
    assert tables.at_most(0.21, 0.2, "{:.2f}")[-1] == tables.at_least(3.4, 3.5, "{:.1f}")[-1] == "**missed**"


def test_gains_are_differences_from_the_gray_photograph() -> None:
    rows = {line[0]: line[1:] for line in map(cells, tables.model_quality(QUALITY)) if line}
    assert rows["automatic"][:4] == ["20.70 ± 0.25", "+0.70", "19.50 ± 0.25", "-0.50"]
    assert rows["10 hints"][:2] == ["23.60 ± 0.25", "+3.60"]
    # Published: 28.42 dB with 10 hints, the gray photographs of that paper 22.82.
    assert rows["10 hints"][4:] == ["28.42", "+5.60"]
    assert rows["accurate, automatic, over gray"] == ["0.70 dB", "at least 0.80 dB", "**missed**"]
    assert rows["accurate, 10 hints, over gray"] == ["3.60 dB", "at least 3.50 dB", "met"]
    assert rows["vivid, automatic, colourfulness over the truth's"] == ["0.50", "at least 0.50", "met"]


def test_figures_of_other_weights_are_marked() -> None:
    measurements = {"model_quality": entry(QUALITY)}
    assert "other weights" in report.document(measurements, "6" * 64)
    assert "other weights" not in report.document(measurements, "5" * 64)


def test_each_section_names_its_machine() -> None:
    other = MACHINE | {"processor": "Another CPU"}
    startup = dict.fromkeys(("python -c pass", "import photochrom", "photochrom --help"), 0.1)
    text = report.document({"startup": entry(startup) | {"machine": other}, "model_quality": entry(QUALITY)}, "")
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
    assert rows["steps"] == "500, 16,000 pictures seen" and rows["machine"] == "not recorded by this run"
    assert rows["automatic"] == "20.70 ± 0.25"


def test_the_model_card_quotes_no_figures_of_other_weights() -> None:
    assert "20.70" not in "".join(model_card.lines(MANIFEST, entry(QUALITY), "6" * 64))
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
