"""The report's tables and curves: published figures stand beside measured ones, and are marked."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photochrom.errors import InputError, UnsupportedFormat
from photochrom.evaluation.plots import check_plot, plot
from photochrom.evaluation.protocols import PROTOCOLS
from photochrom.evaluation.published import SIGGRAPH17_PSNR
from photochrom.evaluation.report import METRIC_TITLES, tables


@pytest.fixture
def report() -> dict[str, Any]:
    """Figures of two protocols, made up."""
    curve = {"0": 23.5, "1": 24.25, "10": 28.125}
    return {
        "settings": {
            "seed": 3,
            "pictures": "squashed to a square",
            "hints": "as an 8-bit colour",
            "protocols": {
                "siggraph17": {"side": 256, "patch": 6, "placement": "normal", "hints": [0, 1, 10]},
                "eccv16": {"side": 256, "patch": 0, "placement": "none", "hints": [0]},
            },
        },
        "images": {"count": 300, "list_sha256": "0123456789abcdef" * 4, "failed": []},
        "results": {
            "siggraph17": {
                "gray": {"psnr": {"0": 22.5}},
                "compact/vivid": {"psnr": curve, "psnr_above_gray": {k: v - 22.5 for k, v in curve.items()}},
            },
            "eccv16": {"compact/vivid": {"auc_rebalanced": {"0": 66.6}, "agreement_efficientnet_lite0": {"0": 71.5}}},
        },
        "standard_errors": {"siggraph17": {"compact/vivid": {"psnr": {"1": 0.125}}}},
        "intervals": {"siggraph17": {"compact/vivid": {"psnr": {k: [v - 0.2, v + 0.2] for k, v in curve.items()}}}},
    }


def printed(report: dict[str, Any]) -> str:
    return "\n".join(tables(report))


def test_tables_show_figures_with_their_errors(report: dict[str, Any]) -> None:
    text = printed(report)
    assert "24.25 ± 0.12" in text
    assert "66.6" in text
    assert "agreement (%)," in text
    assert "efficientnet_lite0" in text


def test_tables_say_how_was_measured(report: dict[str, Any]) -> None:
    text = printed(report)
    assert "siggraph17: 300 photographs (list 0123456789ab), squashed to a square, 256 x 256\n" in text
    assert "hints: 6 x 6 pixels, placement normal, seed 3; as an 8-bit colour" in text
    assert text.count("hints: ") == 1


def test_published_figures_are_marked_wherever_they_stand(report: dict[str, Any]) -> None:
    lines = printed(report).splitlines()
    for value in (f"{SIGGRAPH17_PSNR[10]:.2f}", "67.30", f"{SIGGRAPH17_PSNR[0] - 22.82:.2f}"):
        (line,) = (line for line in lines if value in line)
        assert "(published" in line


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_plot_is_written_and_the_same_again(report: dict[str, Any], tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
    plot(report, first)
    plot(report, second)
    assert first.read_bytes() == second.read_bytes()
    if suffix == ".png":
        with Image.open(first) as picture:
            assert picture.size == (1800, 675)


def test_a_plot_marks_the_published_curve(report: dict[str, Any], tmp_path: Path) -> None:
    import matplotlib

    with matplotlib.rc_context({"svg.fonttype": "none"}):
        plot(report, tmp_path / "curve.svg")
    text = (tmp_path / "curve.svg").read_text("utf-8")
    assert "SIGGRAPH17 as published" in text
    assert "not measured here" in text


def test_a_plot_that_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(UnsupportedFormat, match=r"curve\.jpeg"):
        check_plot(Path("curve.jpeg"), {"siggraph17": (0, 1)})
    with pytest.raises(InputError, match="several counts"):
        check_plot(Path("curve.png"), {"siggraph17": (0,), "automatic": (0,)})


def test_the_documentation_names_every_protocol_and_metric(repository: Path) -> None:
    text = (repository / "docs" / "evaluation.md").read_text("utf-8")
    backbone = [f"{kind}_efficientnet_lite0" for kind in ("agreement", "perceptual", "fid")]
    for name in (*PROTOCOLS, *METRIC_TITLES, *backbone):
        assert f"`{name}`" in text, name
