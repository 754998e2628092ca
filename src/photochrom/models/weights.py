"""Brings models into the user's folder and out of it: import, pull, export, verify.

Converting published weights needs PyTorch; it is loaded by `import_file` alone, and only for such files.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from photochrom.errors import (
    BackendError,
    IncompatibleModel,
    InputError,
    ModelError,
    OutputExists,
    PhotochromError,
    UnknownModel,
    WeightsCorrupt,
    WeightsMissing,
)
from photochrom.images.atomic import whole_file
from photochrom.installation import install_command
from photochrom.models import folder
from photochrom.models.download import Patience, Progress, download
from photochrom.models.engine import Engine, open_engine
from photochrom.models.manifest import FOREIGN, TRAINED, FileRecord, Manifest, check_name, positive_number, read_table
from photochrom.models.registry import COMPACT, model_spec
from photochrom.models.sources import PUBLISHED

EMBEDDED = "compact"
_NOT_YET = FileRecord("", "", 0)
_UNKNOWN = "unknown"
_NETWORK, _ARCHIVE = ".onnx", ".zip"  # of networks in one part, and in three

# What brings the weights of a published network into an ONNX file, and what the network needs to be told at use.
_Making = Callable[[Path, Path], dict[str, Any]]


def import_file(
    path: Path,
    name: str,
    *,
    mask_cent: float | None = None,
    temperature: float | None = None,
    manifest: Path | None = None,
) -> Manifest:
    """Installs a model from a file; replaces the one of this name.

    Args:
        path: a published network's `.pth`, `.safetensors` or `.caffemodel`; the ``compact.json`` of a network that
            `photochrom export` wrote; or the `.onnx` or `.zip` file of `export_model`, or the `.onnx` file of any
            automatic colorizer.
        name: of a published network for its weights; a new one for other networks.
        mask_cent: of siggraph17: 0 (weights from Caffe) or 0.5 (retrained in PyTorch); None: as the file's hash or the
            weights' behaviour tells.
        temperature: of eccv16: the T that is folded into the weights, 1 for none; None: as the file's hash tells, or 1.
        manifest: of an `.onnx` or `.zip` file; by default the `.json` file of the same name beside it.

    Raises:
        UnknownModel: the name is none that a model can have.
        WeightsCorrupt, IncompatibleModel: the file cannot be used. Nothing is changed.
        BackendError: a package that conversion needs is missing, or ONNX Runtime cannot run the network.
    """
    if check_name(name) == EMBEDDED:
        raise UnknownModel(f"{EMBEDDED} is the package's own network: import the file under another name")
    if not path.is_file():
        inside = path / "compact.json"
        folders = f"a folder, not a file{f': import {inside}' if inside.is_file() else ''}"
        raise WeightsMissing(f"{path}: {folders if path.is_dir() else 'no such file'}")
    if not path.stat().st_size:
        raise WeightsCorrupt(f"{path}: empty; get it again")
    kind = path.suffix.lower()
    given = (mask_cent, temperature, manifest if kind == ".json" else None)
    if kind in (_NETWORK, _ARCHIVE, ".json") and given != (None, None, None):
        raise ModelError(f"{path}: --mask-cent, --temperature and --manifest are for other files than this one")
    if kind in (_NETWORK, _ARCHIVE):
        return _import_onnx(path, name, manifest or path.with_suffix(".json"))
    if kind == ".json":
        return _import_trained(path, name)
    if name not in PUBLISHED:
        raise UnknownModel(
            f"{path}: published weights are imported --as {', '.join(PUBLISHED)}; of a network that you trained, "
            f"import the compact.json that photochrom export writes, of others the .onnx file; got {name!r}"
        )

    def make(source: Path, destination: Path) -> dict[str, Any]:
        return _convert(source, name, destination, mask_cent, temperature)

    published = PUBLISHED[name]
    known = path.name == published.name or published.is_file(folder.file_record(path).sha256)
    licence, origin = (published.licence, published.url) if known else (_UNKNOWN, _UNKNOWN)
    with folder.locked(name):
        return _install(path, name, name, licence, origin, make)


def pull(name: str, *, patience: Patience | None = None, progress: Progress | None = None) -> Manifest:
    """Downloads a published network's weights from its authors and installs them, unless they are there already.

    Raises:
        UnknownModel: no such network is published.
        WeightsMissing: the file cannot be had. What arrived is kept for the next time.
        WeightsCorrupt, IncompatibleModel, BackendError: see `import_file`.
    """
    if check_name(name) == EMBEDDED:
        raise UnknownModel(f"{EMBEDDED} is inside the package: there is nothing to pull")
    if name not in PUBLISHED:
        raise UnknownModel(f"{name!r} is not published for download; there are: {', '.join(PUBLISHED)}")
    _conversion()  # what conversion lacks is said before 130 MB are fetched
    published = PUBLISHED[name]
    with folder.locked(name):
        if not _problem(lambda: folder.verified_network(folder.read_manifest(name))):
            return folder.read_manifest(name)
        file = folder.models_folder() / "downloads" / published.name
        download(published.url, file, sha256_start=published.sha256_start, patience=patience, progress=progress)

        def make(source: Path, destination: Path) -> dict[str, Any]:
            return _convert(source, name, destination, None, None)

        try:
            return _install(file, name, name, published.licence, published.url, make)
        finally:
            file.unlink(missing_ok=True)


def export_model(name: str, destination: Path) -> tuple[Path, Path]:
    """Writes an installed model's network and manifest into a folder, from where `import_file` takes it.

    The network is an ONNX file, or of a compact one an archive of three.

    Raises:
        UnknownModel, WeightsMissing, WeightsCorrupt: it is not installed, or damaged.
        IncompatibleModel: it is the embedded one, which every photochrom has.
        OutputExists, InputError: the files exist, or cannot be written.
    """
    if name == COMPACT.name:
        raise IncompatibleModel("compact is inside the package and needs no export: every photochrom has it")
    manifest = folder.read_manifest(name)
    network = folder.verified_network(manifest)
    written = destination / f"{name}{network.suffix}", destination / f"{name}.json"
    for path in written:
        if path.exists():
            raise OutputExists(f"{path} exists already: remove it, or name another folder")
    try:
        destination.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {destination} cannot be made: {error.strerror or error}") from error
    manifest = replace(manifest, onnx=replace(manifest.onnx, name=written[0].name))
    for path, content in zip(written, (network.read_bytes(), manifest.to_json().encode()), strict=True):
        with whole_file(path, overwrite=False) as file:
            file.write(content)
    return written


def verify() -> dict[str, str | None]:
    """Compares the embedded and every installed model with its hashes and opens it: what is wrong, or None, by name."""
    names = (COMPACT.name, *folder.installed())
    return {name: _problem(partial(_opened, name)) for name in names}


def _opened(name: str) -> Engine:
    return open_engine(model_spec(name))


def _problem(check: Callable[[], object]) -> str | None:
    """What a check of a model finds wrong."""
    try:
        check()
    except PhotochromError as error:
        return str(error)
    return None


def _import_onnx(path: Path, name: str, described: Path) -> Manifest:
    """Installs somebody's network by the manifest that came with it, or one that `export_model` wrote."""
    try:
        text = described.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsMissing(
            f"{path} needs a manifest that says what it takes and gives, {described} cannot be read: see docs/models.md"
        ) from error
    table = read_table(text, described)
    if "network" in table:
        return _import_exported(path, name, Manifest.from_json(text, described))
    if path.suffix.lower() != _NETWORK:
        raise WeightsCorrupt(f"{described}: not the manifest of a network that photochrom models export wrote")
    from photochrom.models.foreign import check_network, parse_doors

    _refuse_published(name, path)
    doors = parse_doors(table, described)

    def make(source: Path, destination: Path) -> dict[str, Any]:
        shutil.copyfile(source, destination)
        check_network(destination.read_bytes(), doors, str(source))
        return {"input": table["input"], "output": table["output"]}

    licence, origin = str(table.get("licence", _UNKNOWN)), str(table.get("origin", _UNKNOWN))
    with folder.locked(name):
        return _install(path, name, FOREIGN, licence, origin, make)


def _import_trained(path: Path, name: str) -> Manifest:
    """Installs a compact network that `photochrom export` wrote; `path` is its ``compact.json``."""
    from photochrom.models.compact import check_weights, exported_weights, write_parts

    _refuse_published(name, path)

    def make(source: Path, destination: Path) -> dict[str, Any]:
        weights, notes = exported_weights(source)
        check_weights(replace(COMPACT, name=name), weights)
        write_parts(weights.parts, destination)
        return {"temperature": weights.temperature, "training": notes}

    with folder.locked(name):
        return _install(path, name, TRAINED, _UNKNOWN, "trained with photochrom", make, suffix=_ARCHIVE)


def _refuse_published(name: str, path: Path) -> None:
    if name in PUBLISHED:
        raise UnknownModel(f"{name} is a published network's name: import {path} under another one")


def _import_exported(path: Path, name: str, manifest: Manifest) -> Manifest:
    if manifest.name != name:
        raise UnknownModel(f"{path} is an export of {manifest.name}: import it --as {manifest.name}")
    from photochrom.models.published import check_exported

    record = folder.file_record(path)
    if record.sha256 != manifest.onnx.sha256:
        raise WeightsCorrupt(f"{path}: its sha256 is not the one in its manifest; export it again")
    with folder.locked(name), folder.workplace(name) as workplace:
        suffix = _ARCHIVE if manifest.network == TRAINED else _NETWORK
        network = Path(shutil.copyfile(path, workplace / f"network{suffix}"))
        check_exported(manifest, network)
        return folder.install(manifest, network)


def _install(
    source: Path, name: str, network: str, licence: str, origin: str, make: _Making, suffix: str = _NETWORK
) -> Manifest:
    with folder.workplace(name) as workplace:
        made = workplace / f"network{suffix}"
        record = folder.file_record(source)
        settings = make(source, made)
        return folder.install(Manifest(name, network, _NOT_YET, record, licence, origin, settings), made)


def _convert(
    source: Path, name: str, destination: Path, mask_cent: float | None, temperature: float | None
) -> dict[str, Any]:
    convert, read_weights, check_mask_center = _conversion()
    published = PUBLISHED[name]
    known = dict(published.settings) if published.is_file(folder.file_record(source).sha256) else {}
    state = read_weights(source, name)
    if name == "siggraph17":
        known["mask_cent"] = check_mask_center(state, known.get("mask_cent") if mask_cent is None else mask_cent)
    elif mask_cent is not None:
        raise ModelError(f"--mask-cent is a setting of siggraph17, not of {name}")
    if name == "eccv16":
        chosen = known.get("temperature", 1.0) if temperature is None else temperature
        known["temperature"] = positive_number(chosen, "temperature", source)
    elif temperature is not None:
        raise ModelError(f"--temperature is a setting of eccv16, not of {name}")
    convert(state, name, destination, mask_cent=known.get("mask_cent", 0.0))
    return known


def _conversion() -> tuple[Any, Any, Any]:
    """What needs PyTorch.

    Raises:
        BackendError: it is not installed.
    """
    try:
        from photochrom.networks.convert import convert
        from photochrom.networks.mask_center import check_mask_center
        from photochrom.networks.weight_files import read_weights
    except ModuleNotFoundError as error:
        raise BackendError(
            f"converting published weights needs {error.name}, which is not installed: {install_command('train')}"
        ) from error
    return convert, read_weights, check_mask_center
