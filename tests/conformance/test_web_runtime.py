"""The embedded network computes the same in onnxruntime-web as in ONNX Runtime."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from photochrom import Hint, Reference, color
from photochrom.models import compact
from photochrom.models.engine import reference_feeds
from photochrom.models.registry import COMPACT

WEB = Path(__file__).parent / "web"
MODELS = Path(compact.__file__).parent / "data"


@pytest.fixture
def node() -> str:
    command = shutil.which("node")
    if command is None:
        pytest.skip("Node.js is not installed")
    if not (WEB / "node_modules" / "onnxruntime-web").is_dir():
        pytest.skip("onnxruntime-web is not installed: npm ci in tests/conformance/web")
    return command


def test_onnxruntime_web_gives_the_same_colours(node: str) -> None:
    rng = np.random.default_rng(0)
    L = rng.uniform(0, 100, (64, 96)).astype(np.float32)
    hints = [Hint(0.2, 0.3, "#b5651d"), Hint(0.8, 0.6, None, radius=0.1)]
    reference = Reference(rng.dirichlet(np.ones(313)).astype(np.float32), 0.4)

    engine = compact.CompactEngine(COMPACT, compact.embedded_weights())
    feeds = {
        "L": L[None, None],
        **reference_feeds(reference),
        **compact.hint_feeds(hints, (16, 24)),
        "temperature": np.array(0.38, np.float32),
    }
    sent = {name: {"dims": list(np.shape(x)), "data": np.ravel(x).tolist()} for name, x in feeds.items()}
    done = subprocess.run(
        [node, "run.mjs", str(MODELS)], cwd=WEB, input=json.dumps(sent), capture_output=True, text=True, check=True
    )
    found = {name: np.reshape(x["data"], x["dims"]) for name, x in json.loads(done.stdout).items()}

    expected = engine.decode(engine.encode(L), hints, reference)
    for name, ours in (("accurate", expected.accurate), ("vivid", expected.vivid)):
        assert ours is not None
        assert found[name].shape == (1, 2, 16, 24)
        assert np.abs(ours).max() > 1, "there must be colours to compare"
        np.testing.assert_allclose(np.moveaxis(found[name][0], 0, -1), ours, atol=0.05)
    assert len(color.ab_bins()) == found["logits"].shape[1]
