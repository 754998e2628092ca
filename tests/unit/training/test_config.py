"""A run's settings: what TOML may say, and how a mistake is named."""

from pathlib import Path

import pytest

from photochrom.errors import InputError
from photochrom.training.config import TrainConfig, read_config


def written(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_settings_replace_defaults_and_the_others_stay(tmp_path: Path) -> None:
    config = read_config(
        written(
            tmp_path,
            'seed = 7\n[data]\ntrain = ["a", "b"]\nsize = 64\n[schedule]\nlearning_rate = 1\n[losses]\nhinted = 0.5\n',
        )
    )
    assert (config.seed, config.data.train, config.data.size, config.losses.hinted) == (7, ("a", "b"), 64, 0.5)
    assert config.schedule.learning_rate == 1.0 and isinstance(config.schedule.learning_rate, float)
    assert config.schedule.batch == TrainConfig().schedule.batch


def test_shipped_configuration_is_read(repository: Path) -> None:
    assert read_config(repository / "examples" / "compact.toml").data.train


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sead = 3", "unknown setting 'sead'; known are output, seed"),
        ("[schedule]\nstep = 3", "unknown setting 'schedule.step'; known are batch, steps"),
        ("seed = 1.5", "seed must be a whole number, got 1.5"),
        ("seed = true", "seed must be a whole number, got True"),
        ('seed = "1"', "seed must be a whole number, got '1'"),
        ("output = 1", "output must be a string, got 1"),
        ('global_hints = "often"', "global_hints must be a number, got 'often'"),
        ("data = 3", "data must be a table, got 3"),
        ('[data]\ntrain = "a"', "data.train must be a list of strings, got 'a'"),
        ("[data]\ntrain = [1]", r"data.train must be a list of strings, got \[1\]"),
        ("[data]\nsize = 100", "data.size must be a multiple of 32, got 100"),
        ("[data]\nvalidation_network_size = 0", "data.validation_network_size must be a multiple of 32, got 0"),
        ("[schedule]\nbatch = 0", "schedule.batch must be at least 1, got 0"),
        ("[schedule]\nsteps = 0", "schedule.steps must be at least 1, got 0"),
        ("[schedule]\ncheckpoint_every = 0", "schedule.checkpoint_every must be at least 1, got 0"),
        ("[schedule]\nlearning_rate = nan", "schedule.learning_rate must be at least 0, got nan"),
        ("[schedule]\nlearning_rate = inf", "schedule.learning_rate must be at least 0, got inf"),
        ("[schedule]\nema = 1.5", r"schedule.ema must lie in \[0, 1\], got 1.5"),
        ("[schedule]\nfrozen_stages = 8", r"schedule.frozen_stages must lie in \[0, 7\], got 8"),
        ("uniform_share = -1", r"uniform_share must lie in \[0, 1\], got -1"),
        ("seed = -1", "seed must be at least 0, got -1"),
        ("[losses]\nclasses = -1.0", "losses.classes must be at least 0, got -1"),
        ("seed = ", "cannot be read as a training configuration"),
        ("seed = 1", "data.train is empty"),
    ],
)
def test_mistake_is_named_with_its_file(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=message) as caught:
        read_config(path)
    assert str(caught.value).startswith(str(path)) and str(caught.value).count(str(path)) == 1


def test_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml"):
        read_config(tmp_path / "none.toml")


def test_file_that_is_no_text_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        read_config(tmp_path / "run.toml")
