"""Figures from the papers, to stand beside measured ones: on other photographs, and never measured here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# SIGGRAPH17, PSNR in dB by hints on 1,000 images of ctest10k, standard error 0.14: the authors' own file of results.
SIGGRAPH17_PSNR: Mapping[int, float] = MappingProxyType(
    {0: 24.43, 1: 25.37, 2: 26.20, 3: 26.69, 5: 27.39, 10: 28.42, 20: 29.34, 50: 30.42, 100: 31.13, 200: 31.70,
     501: 32.14}
)  # fmt: skip
# The gray image on the same 1,000 images.
SIGGRAPH17_GRAY = 22.82
# The 2017 paper's table: others' automatic colours on these images.
AUTOMATIC_PSNR: Mapping[str, float] = MappingProxyType(
    {
        "Iizuka 2016": 23.69,
        "Larsson 2016": 24.93,
        "Zhang 2016": 22.04,
        "Zhang 2016, not rebalanced": 24.51,
    }
)

# Rows by protocol, method and metric. The siggraph17 and global rows are of those 1,000 images; eccv16 is the paper's
# table on 10,000 images of ImageNet's validation set, its classifier VGG-16; automatic is DDColor's table 1 on the
# first 5,000 of them, its FID by InceptionV3.
PUBLISHED: Mapping[str, Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "eccv16": {
            "Larsson 2016": {"auc": 91.7, "auc_rebalanced": 65.9},
            "Zhang 2016, L2": {"auc": 91.2, "auc_rebalanced": 64.4},
            "Zhang 2016, not rebalanced": {"auc": 91.6, "auc_rebalanced": 65.1},
            "Zhang 2016": {"auc": 89.5, "auc_rebalanced": 67.3},
            "gray": {"auc": 89.1, "auc_rebalanced": 58.0},
            "truth": {"auc": 100.0, "auc_rebalanced": 100.0},
        },
        "automatic": {
            "Zhang 2016": {"psnr": 22.64, "colorfulness": 31.60, "colorfulness_difference": 6.61},
            "InstColor": {"psnr": 23.28, "colorfulness": 24.87, "colorfulness_difference": 13.34},
            "DeOldify": {"psnr": 24.11, "colorfulness": 21.29, "colorfulness_difference": 16.92},
            "CT2": {"psnr": 23.50, "colorfulness": 38.48, "colorfulness_difference": 0.27},
            "ColorFormer": {"psnr": 23.10, "colorfulness": 38.00, "colorfulness_difference": 0.21},
            "DDColor-tiny": {"psnr": 23.54, "colorfulness": 37.66, "colorfulness_difference": 0.55},
            "DDColor-large": {"psnr": 23.85, "colorfulness": 38.26, "colorfulness_difference": 0.05},
        },
        "global": {
            "gray": {"psnr": 22.82},
            "Zhang 2017, automatic": {"psnr": 24.69, "psnr_above_gray": 1.87},
            "Zhang 2017, true histogram": {"psnr": 27.85, "psnr_above_gray": 5.03},
            "Zhang 2017, true saturation": {"psnr": 25.78, "psnr_above_gray": 2.96},
        },
    }
)
