"""A whole evaluation: its figures, and that it can be stopped, goes on, and comes out the same."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import InputError, UnknownModel
from photochrom.evaluation.bootstrap import Figure
from photochrom.evaluation.journal import Journal
from photochrom.evaluation.measure import Record
from photochrom.evaluation.report import build_report, tables
from photochrom.evaluation.run import Request, evaluate, prepare
from photochrom.evaluation.tally import Tally


def figures_of(request: Request) -> dict[str, Any]:
    run = prepare(request)
    return build_report(run, evaluate(run, None, lambda: None))


class Stop:
    """Interrupts a run after so many photographs."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def test_an_interrupted_run_goes_on_and_gives_the_same_bytes(photographs: Path, tmp_path: Path) -> None:
    request = Request(photographs, protocols=("siggraph17",), hints=(0, 1))
    straight, journal = json.dumps(figures_of(request)), tmp_path / "journal"
    run = prepare(request)
    with pytest.raises(KeyboardInterrupt), Journal(journal) as kept:
        evaluate(run, kept, Stop(after=2))
    assert journal.read_bytes().count(b"\n") == 2
    with journal.open("ab") as file:
        file.write(b'{"number":2,"name":"torn')
    (photographs / "0.png").write_bytes(b"no longer read")  # what is in the journal is not measured again
    with Journal(journal) as kept:
        assert json.dumps(build_report(run, evaluate(run, kept, lambda: None))) == straight
    assert journal.read_bytes().count(b"\n") == 3


def test_any_number_of_processors_gives_the_same_figures(photographs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = Request(photographs, ("levin",), ("siggraph17",), hints=(0, 5))
    monkeypatch.setenv("PHOTOCHROM_THREADS", "1")
    alone = figures_of(request)
    monkeypatch.setenv("PHOTOCHROM_THREADS", "3")
    assert figures_of(request) == alone


def test_the_key_names_all_that_figures_depend_on(photographs: Path) -> None:
    requests = [
        Request(photographs, protocols=("siggraph17",)),
        Request(photographs, protocols=("siggraph17",), hints=(0, 1)),
        Request(photographs, protocols=("siggraph17",), limit=2),
        Request(photographs, protocols=("siggraph17",), seed=1),
        Request(photographs, protocols=("global",)),
        Request(photographs, ("levin",), protocols=("siggraph17",)),
    ]
    assert len({prepare(request).key for request in requests}) == len(requests)


@pytest.mark.slow
def test_every_protocol_gives_its_metrics_for_every_method(photographs: Path) -> None:
    protocols = ("siggraph17", "icolorit", "eccv16", "automatic", "global", "guided")
    report = figures_of(Request(photographs, ("compact", "levin"), protocols, hints=(0, 2), limit=2))
    results = report["results"]
    assert list(results["siggraph17"]) == ["gray", "levin", "compact/vivid", "compact/accurate"]
    assert set(results["siggraph17"]["levin"]["psnr"]) == {"2"}
    assert set(results["guided"]) == {"gray"} | {
        f"compact/{decode}/{place}" for decode in ("vivid", "accurate") for place in ("next_hint", "uniform")
    }
    assert set(results["guided"]["compact/vivid/next_hint"]["gain_per_hint"]) == {"2"}
    assert {f"compact/vivid/{kind}" for kind in ("histogram", "saturation", "both")} < set(results["global"])
    assert {"auc", "auc_rebalanced", "agreement_efficientnet_lite0"} == set(results["eccv16"]["compact/vivid"])
    assert {
        "psnr", "psnr_above_gray", "ssim", "ciede2000", "colorfulness", "colorfulness_difference",
        "colorfulness_image_difference", "colorfulness_ratio", "perceptual_efficientnet_lite0",
        "fid_efficientnet_lite0", "calibration_error", "uncertainty_correlation",
    } == set(results["automatic"]["compact/vivid"])  # fmt: skip
    assert sum(report["reliability"]["automatic"]["compact/vivid"]["cells"]) == 2 * 64 * 64
    titles = {table.splitlines()[0].split(":")[0] for table in tables(report)}
    assert titles == set(protocols)


def test_photographs_without_colours_have_no_colourfulness_to_be_measured_by(tmp_path: Path) -> None:
    for number in range(2):
        Image.new("L", (16, 16), 90 + 50 * number).convert("RGB").save(tmp_path / f"{number}.png")
    figures = figures_of(Request(tmp_path, protocols=("global",)))["results"]["global"]["compact/vivid"]
    assert "colorfulness_ratio" not in figures and figures["colorfulness_difference"]["0"] > 0


def test_gains_are_differences_of_psnr(photographs: Path) -> None:
    report = figures_of(Request(photographs, ("compact", "levin"), ("siggraph17", "guided"), hints=(0, 2)))
    psnr = {method: figures["psnr"] for method, figures in report["results"]["siggraph17"].items()}
    above = report["results"]["siggraph17"]["compact/vivid"]["psnr_above_levin"]
    assert above == {"2": pytest.approx(psnr["compact/vivid"]["2"] - psnr["levin"]["2"], abs=2e-6)}
    gray = psnr["gray"]["0"]
    above = report["results"]["siggraph17"]["compact/accurate"]["psnr_above_gray"]
    assert above == {k: pytest.approx(v - gray, abs=2e-6) for k, v in psnr["compact/accurate"].items()}
    guided = report["results"]["guided"]["compact/vivid/uniform"]
    asked = report["results"]["guided"]["compact/vivid/next_hint"]
    better = asked["psnr"]["2"] - guided["psnr"]["2"]
    assert asked["psnr_above_uniform"] == {"0": 0, "2": pytest.approx(better, abs=2e-6)}
    gain = (guided["psnr"]["2"] - guided["psnr"]["0"]) / 2
    assert guided["gain_per_hint"] == {"2": pytest.approx(gain, abs=2e-6)}


def test_gray_photographs_come_out_as_they_are(tmp_path: Path) -> None:
    gray = np.repeat(np.random.default_rng(0).integers(0, 256, (32, 32, 1), np.uint8), 3, axis=2)
    Image.fromarray(gray).save(tmp_path / "gray.png")
    results = figures_of(Request(tmp_path, ("levin",), ("siggraph17", "eccv16"), hints=(0, 5)))["results"]
    assert results["siggraph17"]["levin"]["psnr"]["5"] == pytest.approx(58.92, abs=0.01)
    assert results["eccv16"]["gray"]["auc_rebalanced"]["0"] == pytest.approx(100, abs=0.1)


def test_a_broken_photograph_is_left_out_and_named(photographs: Path, caplog: pytest.LogCaptureFixture) -> None:
    whole = (photographs / "1.png").read_bytes()
    (photographs / "1.png").write_bytes(whole[: len(whole) // 2])
    with caplog.at_level("WARNING", "photochrom"):
        report = figures_of(Request(photographs, ("levin",), ("siggraph17",), hints=(1,)))
    assert report["images"]["count"] == 2
    assert list(report["images"]["failed"]) == ["1.png"]
    assert "1.png left out" in caplog.text


def test_nothing_to_measure_is_an_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"none of the 1 photographs can be measured, a\.png"):
        figures_of(Request(tmp_path, ("levin",), ("siggraph17",), hints=(1,)))


def test_impossible_requests_are_refused_before_the_work(photographs: Path) -> None:
    with pytest.raises(InputError, match="1000 hints at most, not 1001"):
        prepare(Request(photographs, hints=(1, 1001)))
    with pytest.raises(UnknownModel, match="nonsense"):
        prepare(Request(photographs, ("nonsense",)))


def test_the_tally_does_not_grow_with_the_photographs() -> None:
    def record(number: int) -> Record:
        figures: dict[str, Figure] = {"psnr": 20.0 + number % 7, "bins": [1.0] * 313, "areas": [0.5] * 313}
        return Record(number, f"{number}.jpg", rows=[("eccv16", "gray", 0, figures)])

    tally = Tally(0, None)
    tally.add(record(0))
    tracemalloc.start()
    for number in range(1, 200):
        tally.add(record(number))
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 20_000
