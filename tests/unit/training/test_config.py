"""A run's settings: what TOML may say, and how a mistake is named."""

from pathlib import Path

import pytest

from photochrom.errors import InputError
from photochrom.training.config import (
    CONFIGS,
    CompactConfig,
    Eccv16Config,
    PublishedData,
    Siggraph17Config,
    TrainConfig,
    read_config,
)


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
    assert isinstance(config, CompactConfig)
    assert (config.seed, config.data.train, config.data.size, config.losses.hinted) == (7, ("a", "b"), 64, 0.5)
    assert config.schedule.learning_rate == 1.0 and isinstance(config.schedule.learning_rate, float)
    assert config.schedule.batch == CompactConfig().schedule.batch


@pytest.mark.parametrize("name", [*CONFIGS, "compact-further", "compact-teacher", "compact-taught"])
def test_shipped_configuration_is_read(repository: Path, name: str) -> None:
    config = read_config(repository / "examples" / f"{name}.toml")
    assert config.network == (name if name in CONFIGS else "compact") and config.data.train


def settings(config: TrainConfig) -> tuple[object, ...]:
    schedule = config.schedule
    return schedule.batch, schedule.steps, schedule.learning_rate, schedule.stairs, schedule.weight_decay


@pytest.mark.parametrize("source", ["defaults", "shipped"])
def test_published_networks_have_their_papers_settings(repository: Path, source: str) -> None:
    def of(network: str) -> TrainConfig:
        shipped = repository / "examples" / f"{network}.toml"
        return CONFIGS[network]() if source == "defaults" else read_config(shipped)

    eccv16, siggraph17, with_global_hints = (of(n) for n in ("eccv16", "siggraph17", "siggraph17-global"))
    assert settings(eccv16) == (40, 450_000, 3e-5, ((200_000, 1e-5), (375_000, 3e-6)), 1e-3)
    assert isinstance(eccv16, Eccv16Config) and eccv16.uniform_share == 0.5
    # 30 epochs of ImageNet in batches of 25: 15 of classification, 10 at 1e-5, 5 at 1e-6.
    epoch = 1_281_167 // 25
    expected = (25, 30 * epoch, 1e-4, ((15 * epoch, 1e-5), (25 * epoch, 1e-6)), 0.0)
    assert settings(siggraph17) == settings(with_global_hints) == expected
    assert isinstance(siggraph17, Siggraph17Config) and siggraph17.classification_steps == 15 * epoch
    assert siggraph17.all_shown == 0.01
    for config in (eccv16, siggraph17, with_global_hints):
        assert isinstance(config.data, PublishedData) and (config.data.size, config.data.picture_size) == (176, 256)
        assert config.schedule.ema == config.schedule.largest_gradient == 0


def test_a_networks_own_defaults_stay_where_its_table_says_nothing(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, 'network = "eccv16"\n[data]\ntrain = ["a"]\n[schedule]\nsteps = 9\n'))
    assert settings(config)[:2] == (40, 9) and config.schedule.stairs[0] == (200_000, 1e-5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sead = 3", "unknown setting 'sead'; known are network, output, seed"),
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
        ("[schedule]\nstairs = [[100, 1e-5], [50, 1e-6]]", "schedule.stairs: each step must be at least 101, got 50"),
        ("[schedule]\nstairs = [1, 2]", r"schedule.stairs must be a list of pairs \[step, rate\], got \[1, 2\]"),
        ("[schedule]\nstairs = [[1.5, 2]]", "schedule.stairs must be a list of pairs"),
        ("[schedule]\nlargest_gradient = -1", "schedule.largest_gradient must be at least 0, got -1"),
        ('network = "vgg"', "network must be one of compact, eccv16, siggraph17, siggraph17-global, got 'vgg'"),
        ("network = 16", "network must be one of compact, .*, got 16"),
        ("mask_cent = 0.5", "unknown setting 'mask_cent'"),
        ('network = "siggraph17"\nmask_cent = 0.3', r"mask_cent must be 0 or 0\.5, got 0\.3"),
        ('network = "siggraph17"\nall_shown = 2', r"all_shown must lie in \[0, 1\], got 2"),
        ('network = "siggraph17"\nclassification_steps = -1', "classification_steps must be at least 0"),
        ('network = "siggraph17"\nprior = "prior.json"', "unknown setting 'prior'"),
        ('network = "siggraph17-global"\n[schedule]\nbatch = 1', "schedule.batch must be at least 2, got 1"),
        ('network = "eccv16"\n[data]\nsize = 100', "data.size must be a multiple of 8, got 100"),
        ('network = "eccv16"\n[data]\nsize = 264', "data.picture_size must be at least 264, got 256"),
        ("only_hints = true", "only_hints needs a network that has learned colours before"),
        ('only_hints = true\nstart = "embedded"\nteachers = ["embedded"]', "teachers teach automatic colours"),
        ('teachers = ["imagenet"]', "teachers must have learned colours"),
        ("taught = 1.5", "taught must lie in \\[0, 1\\]"),
        ("only_hints = 1", "only_hints must be true or false, got 1"),
        ("recolored = 2", r"recolored must lie in \[0, 1\], got 2"),
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
