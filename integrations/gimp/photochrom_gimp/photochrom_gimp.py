#!/usr/bin/env python3
"""A GIMP 3 plug-in that lays colours over a black-and-white photograph, from `photochrom serve`."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import gi
from service import ADDRESS, Client, ServiceError, Settings

gi.require_version("Gimp", "3.0")
gi.require_version("GimpUi", "3.0")
from gi.repository import Gimp, GimpUi, Gio, GLib, GObject  # noqa: E402  # of these versions

T = TypeVar("T")

PROCEDURE = "plug-in-photochrom-layer"
LAYER = "Colours"

_KEPT = GObject.ParamFlags.READWRITE
# A session file is kilobytes; the service takes no more than this either.
_MOST_SESSION_BYTES = 256 << 10


class PhotochromLayer(Gimp.PlugIn):
    """Colors > Colour with Photochrom..."""

    def do_set_i18n(self, name: str) -> bool:
        """English alone."""
        return False

    def do_query_procedures(self) -> list[str]:
        """The only one."""
        return [PROCEDURE]

    def do_create_procedure(self, name: str) -> Gimp.Procedure:
        """Says what GIMP shows in its menu and dialog; it remembers what was chosen."""
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, run, None)
        procedure.set_image_types("RGB*, GRAY*")
        sensitive = Gimp.ProcedureSensitivityMask
        procedure.set_sensitivity_mask(sensitive.DRAWABLE | sensitive.DRAWABLES | sensitive.NO_DRAWABLES)
        procedure.set_menu_label("Colour with _Photochrom...")
        procedure.add_menu_path("<Image>/Colors")
        procedure.set_documentation(
            "Lay colours over a black-and-white photograph",
            "Sends the picture to the photochrom service on this computer (photochrom serve), and lays its colours "
            "over it as a layer. Where something is selected, the layer shows there alone. A gray image becomes RGB.",
            name,
        )
        procedure.set_attribution("The Photochrom developers", "Apache-2.0", "2026")
        decode = Gimp.Choice.new()
        decode.add("vivid", 0, "Vivid: lively colours", "")
        decode.add("accurate", 1, "Accurate: the safest average", "")
        procedure.add_choice_argument("decode", "_Colours", "Where colours come from", decode, "vivid", _KEPT)
        procedure.add_double_argument("saturation", "_Saturation", "0 is gray, 1 as is", 0, 100, 1, _KEPT)
        about = "Made in the studio, with your own colours; it decides alone"
        procedure.add_file_argument("session", "Session _file", about, Gimp.FileChooserAction.OPEN, True, None, _KEPT)
        procedure.add_string_argument("address", "S_ervice", "The picture goes there alone", ADDRESS, _KEPT)
        procedure.add_string_argument("token", "_Token", "What the service was started with, if anything", "", _KEPT)
        return procedure


def run(
    procedure: Gimp.Procedure,
    run_mode: Gimp.RunMode,
    image: Gimp.Image,
    drawables: list[Gimp.Drawable],
    config: Gimp.ProcedureConfig,
    data: None,
) -> Gimp.ValueArray:
    """What GIMP calls."""
    if run_mode == Gimp.RunMode.INTERACTIVE:
        GimpUi.init(PROCEDURE)
        dialog = GimpUi.ProcedureDialog.new(procedure, config, "Colour with Photochrom")
        dialog.fill(None)
        chosen = dialog.run()
        dialog.destroy()
        if not chosen:
            return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, GLib.Error())
    try:
        client = Client(config.get_property("address") or "", config.get_property("token") or "")
        colour(image, client, settings_of(config))
    except ServiceError as error:
        said = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), str(error), 0)
        return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, said)
    return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())


def settings_of(config: Gimp.ProcedureConfig) -> Settings:
    """What was chosen.

    Raises:
        ServiceError: the session file cannot be read.
    """
    file = config.get_property("session")
    if file is None or file.get_path() is None:
        return Settings(config.get_property("decode"), config.get_property("saturation"))
    path = Path(file.get_path())
    try:
        content = path.read_bytes()
        if len(content) > _MOST_SESSION_BYTES:
            raise ServiceError(f"{path} is no session file: it is too long.")
        return Settings(session=content.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise ServiceError(f"{path} cannot be read as a session file: {error}") from error


def colour(image: Gimp.Image, client: Client, settings: Settings) -> None:
    """Lays colours from the service over an image.

    Raises:
        ServiceError: the image holds no colours, or the service does not answer, or refuses.
    """
    if image.get_base_type() == Gimp.ImageBaseType.INDEXED:
        raise ServiceError(
            "This image has a palette, and a layer of colours needs RGB. Convert it: Image > Mode > RGB."
        )
    Gimp.progress_init("Looking for the service...")
    limits = answer(client.limits)
    limits.check(image.get_width(), image.get_height())
    Gimp.progress_init("The colours are being made...")
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        file = Path(folder, "picture.png")
        export(image, file)
        limits.check_file(file.stat().st_size)
        picture = file.read_bytes()
        file.write_bytes(answer(lambda: client.colorize(picture, settings)))
        lay_over(image, file)
    Gimp.displays_flush()


def export(image: Gimp.Image, file: Path) -> None:
    """Writes what the image shows as a PNG, in 8 bits sRGB or gray, opaque: colours do not depend on transparency.

    Raises:
        ServiceError: the image shows nothing.
    """
    copy = image.duplicate()
    try:
        # Merged first: what layer modes give depends on the precision that they work in.
        merged = copy.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        if merged is None:
            raise ServiceError("This image has no visible layer.")
        merged.resize_to_image_size()
        if merged.has_alpha():
            merged.add_mask(merged.create_mask(Gimp.AddMaskType.ALPHA_TRANSFER))
            merged.remove_mask(Gimp.MaskApplyMode.DISCARD)
            copy.flatten()
        if copy.get_precision() != Gimp.Precision.U8_NON_LINEAR:
            copy.convert_precision(Gimp.Precision.U8_NON_LINEAR)
        gray = copy.get_base_type() == Gimp.ImageBaseType.GRAY
        profile = Gimp.ColorProfile.new_d65_gray_srgb_trc() if gray else Gimp.ColorProfile.new_rgb_srgb()
        copy.convert_color_profile(profile, Gimp.ColorRenderingIntent.RELATIVE_COLORIMETRIC, True)
        if not Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, copy, Gio.File.new_for_path(str(file)), None):
            raise ServiceError("GIMP cannot export this image as PNG.")
    finally:
        copy.delete()


def lay_over(image: Gimp.Image, file: Path) -> None:
    """Lays a coloured picture over the image: its hue and chroma (LCh), and the lightness of what is below."""
    image.undo_group_start()
    try:
        if image.get_base_type() == Gimp.ImageBaseType.GRAY:
            image.convert_rgb()
        layer = Gimp.file_load_layer(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(str(file)))
        layer.set_name(LAYER)
        image.insert_layer(layer, None, 0)
        layer.set_mode(Gimp.LayerMode.LCH_COLOR)
        # The image stays as transparent as it was.
        layer.set_composite_mode(Gimp.LayerCompositeMode.CLIP_TO_BACKDROP)
        if not Gimp.Selection.is_empty(image):
            layer.add_mask(layer.create_mask(Gimp.AddMaskType.SELECTION))
    finally:
        image.undo_group_end()


def answer(ask: Callable[[], T]) -> T:
    """What `ask` gives, from a thread of its own; meanwhile GIMP shows that something is going on."""
    answers: list[T] = []
    errors: list[Any] = []

    def work() -> None:
        try:
            answers.append(ask())
        except Exception as error:  # raised again where it can be shown
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        Gimp.progress_pulse()
        thread.join(0.1)
    if errors:
        raise errors[0]
    return answers[0]


Gimp.main(PhotochromLayer.__gtype__, sys.argv)
