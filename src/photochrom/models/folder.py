"""The user's model folder: for each model a manifest, and beside it the network it names.

    <folder>/eccv16.json             what it is; whoever reads it finds the network whole
    <folder>/eccv16-1a2b3c4d.onnx    named by its hash, so that a new one never replaces the one in use
    <folder>/mine-5e6f7a8b.zip       a compact network has three parts
    <folder>/downloads/              what `models pull` has so far

The manifest takes its place last and in one step.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from photochrom.errors import ModelError, WeightsCorrupt, WeightsMissing
from photochrom.images.atomic import whole_file
from photochrom.models.manifest import FileRecord, Manifest, check_name, is_name

ENVIRONMENT = "PHOTOCHROM_MODELS"
_HASH_DIGITS = 16
_CHUNK = 1 << 20


def models_folder() -> Path:
    """Where models are kept: `PHOTOCHROM_MODELS`, or the user's data folder. It need not exist."""
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(chosen).expanduser()
    import platformdirs

    return platformdirs.user_data_path("photochrom", appauthor=False) / "models"


def installed() -> list[str]:
    """Names of the models that have a manifest, sorted; what else lies in the folder is nobody's."""
    return sorted(path.stem for path in models_folder().glob("*.json") if is_name(path.stem) and path.is_file())


def read_manifest(name: str) -> Manifest:
    """The manifest of an installed model.

    Raises:
        UnknownModel: `name` is no plain word.
        WeightsMissing: it is not installed.
        WeightsCorrupt, IncompatibleModel: the manifest cannot be used.
    """
    path = models_folder() / f"{check_name(name)}.json"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise WeightsMissing(
            f"the weights of {name} are not on this computer: photochrom models pull {name}, "
            f"or photochrom models import FILE --as {name}"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsCorrupt(f"{path}: cannot be read ({error})") from error
    manifest = Manifest.from_json(text, path)
    if manifest.name != name:
        raise WeightsCorrupt(f"{path}: is the manifest of {manifest.name!r}; import {name} again")
    return manifest


def verified_network(manifest: Manifest) -> Path:
    """The network's file of an installed model, compared with its hash.

    Raises:
        WeightsCorrupt: it is missing or damaged.
    """
    path = models_folder() / manifest.onnx.name
    try:
        sha256 = file_record(path).sha256
    except OSError as error:
        raise WeightsCorrupt(f"{path}: cannot be read ({error.strerror}); import {manifest.name} again") from error
    if sha256 != manifest.onnx.sha256:
        raise WeightsCorrupt(f"{path}: damaged (its sha256 is not the recorded one); import {manifest.name} again")
    return path


def install(manifest: Manifest, network: Path) -> Manifest:
    """Puts a network, a file in `workplace(manifest.name)`, into the folder and makes the manifest point to it.

    Args:
        manifest: complete but for `onnx`, which is filled in here.
        network: the ONNX file, or the archive of several; it is moved.

    Returns:
        the manifest as written.
    """
    folder, record = models_folder(), file_record(network)
    record = replace(record, name=f"{manifest.name}-{record.sha256[:_HASH_DIGITS]}{network.suffix}")
    manifest = replace(manifest, onnx=record)
    content = manifest.to_json().encode()  # before anything is moved
    os.replace(network, folder / record.name)
    with whole_file(folder / f"{manifest.name}.json", overwrite=True) as file:
        file.write(content)
    for suffix in (".onnx", ".zip"):
        for old in folder.glob(f"{manifest.name}-{'?' * _HASH_DIGITS}{suffix}"):
            if old.name != record.name:
                old.unlink(missing_ok=True)
    return manifest


def file_record(path: Path) -> FileRecord:
    """Name, sha256 and size of a file; what of its name is no text, is escaped."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return FileRecord(path.name.encode("utf-8", "backslashreplace").decode(), sha256, path.stat().st_size)


@contextlib.contextmanager
def workplace(name: str) -> Iterator[Path]:
    """An empty folder on the model folder's disk for making one model; gone at the end, whatever happens.

    Raises:
        ModelError: the model folder cannot be written to.
    """
    folder = models_folder() / f".{check_name(name)}.making"
    try:
        # A process that was killed may have left one. Whoever comes here holds the model's lock.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    except OSError as error:
        raise ModelError(f"the model folder cannot be written to: {error}; choose one with {ENVIRONMENT}") from error
    try:
        yield folder
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ModelError(f"the disk of the model folder {models_folder()} is full") from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Lets one process at a time make or change a model; others wait here.

    Raises:
        ModelError: the model folder cannot be written to.
    """
    from filelock import FileLock

    path = models_folder() / f".{check_name(name)}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        lock.acquire()
    except OSError as error:
        raise ModelError(f"the model folder cannot be written to: {error}; choose one with {ENVIRONMENT}") from error
    try:
        yield
    finally:
        lock.release()
