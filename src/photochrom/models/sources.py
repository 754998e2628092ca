"""The published weight files: where their authors keep them, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class PublishedFile:
    """A weight file as its authors publish it.

    Attributes:
        url: its address.
        sha256_start: the first digits of its sha256, as far as the authors tell them; empty where they tell none.
        licence: SPDX identifier.
        settings: of a file with this hash; see `Manifest.settings`.
    """

    url: str
    sha256_start: str
    licence: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.rpartition("/")[2]

    def is_file(self, sha256: str) -> bool:
        """Whether a file with this sha256 is the published one, as far as can be told."""
        return bool(self.sha256_start) and sha256.startswith(self.sha256_start)


PUBLISHED: Mapping[str, PublishedFile] = MappingProxyType(
    {
        # The demonstration program decodes these logits by a plain softmax and gets the paper's vivid colours: T = 0.38
        # is folded into the last convolution. (Caffe's file has it in a layer of its own.)
        "eccv16": PublishedFile(
            url="https://colorizers.s3.us-east-2.amazonaws.com/colorization_release_v2-9b330a0b.pth",
            sha256_start="9b330a0b",
            licence="BSD-2-Clause",
            settings=MappingProxyType({"temperature": 0.38}),
        ),
        "siggraph17": PublishedFile(
            url="https://colorizers.s3.us-east-2.amazonaws.com/siggraph17-df00044c.pth",
            sha256_start="df00044c",
            licence="BSD-2-Clause",
            settings=MappingProxyType({"mask_cent": 0.0}),
        ),
        "siggraph17-global": PublishedFile(
            url="http://colorization.eecs.berkeley.edu/siggraph/models/global_model.caffemodel",
            sha256_start="",
            licence="MIT",
        ),
    }
)
