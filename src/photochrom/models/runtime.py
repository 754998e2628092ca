"""ONNX Runtime without its telemetry: `from photochrom.models.runtime import onnxruntime` is the only way to it here.

As its makers ship it (1.32), it reports every session to them, under an identifier that it keeps in the user's cache
folder, unless told otherwise before it is loaded (see its Privacy.md). Nothing is to leave the computer.
"""

import contextlib
import io
import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

# For a program that had loaded it before.
onnxruntime.disable_telemetry_events()

if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
    # CUDA's libraries may lie among the Python packages. It prints what it does not find.
    with contextlib.redirect_stdout(io.StringIO()):
        onnxruntime.preload_dlls()

__all__ = ["onnxruntime"]
