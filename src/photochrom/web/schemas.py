"""What travels as JSON, with its bounds; the OpenAPI document and the page's client are made from it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from photochrom.hints import MAX_HINTS

__all__ = [
    "About",
    "Decode",
    "ExportRequest",
    "Grid",
    "Guidance",
    "Hint",
    "LimitsInfo",
    "ModelInfo",
    "OutputFormatName",
    "Place",
    "Reference",
    "SessionFile",
    "SessionRequest",
    "Suggestion",
    "SuggestionsRequest",
    "Variant",
    "VariantsRequest",
    "WorkId",
    "WorkInfo",
]

Decode = Literal["vivid", "accurate"]
OutputFormatName = Literal["png", "jpeg", "webp", "avif", "tiff"]
WorkId = Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="128 random bits in hexadecimal.")]

# Strict: a number in quotes, or `true` for 1, is a mistake of the sender's.
_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Integer = Annotated[int, Field(strict=True)]
_Fraction = Annotated[_Number, Field(ge=0, le=1)]
_Saturation = Annotated[_Number, Field(ge=0, le=100, description="Factor of chroma after the network.")]
_Temperature = Annotated[_Number, Field(ge=-50, le=50, description="Added to b after that, in Lab units.")]
_Hex = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")]


class _Sent(BaseModel):
    """What a client sends: a misspelt key is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Hint(_Sent):
    """A colour at a place; places are fractions of width and height, radii of the longer side."""

    x: _Fraction
    y: _Fraction
    color: _Hex | None = Field(default=None, description='"#rrggbb", or null: "neutral here".')
    radius: _Number = Field(default=0.01, gt=0, le=1)


class Reference(_Sent):
    """The palette of another picture."""

    histogram: list[Annotated[_Number, Field(ge=0)]] | None = Field(
        default=None, min_length=313, max_length=313, description="Shares of the 313 colour bins."
    )
    saturation: _Fraction | None = Field(default=None, description="Mean HSV saturation.")


class Guidance(_Sent):
    """What a person tells the network."""

    hints: list[Hint] = Field(default=[], max_length=MAX_HINTS)
    reference: Reference | None = None


class SuggestionsRequest(Guidance):
    """At which place colours are wanted, and how many at most."""

    x: _Fraction
    y: _Fraction
    k: _Integer = Field(default=5, ge=1, le=32)


class VariantsRequest(Guidance):
    """How many different colourings are wanted."""

    count: _Integer = Field(default=4, ge=2, le=9)
    seed: _Integer = Field(default=0, ge=0, lt=2**32)
    decode: Decode = "vivid"


class SessionRequest(Guidance):
    """All that a session file keeps of a person's decisions."""

    decode: Decode = "vivid"
    saturation: _Saturation = 1.0
    temperature: _Temperature = 0.0
    extra: dict[str, Any] = Field(default={}, description="Further keys for the file, kept as they are.")

    @field_validator("extra")
    @classmethod
    def _leave_known_keys(cls, extra: dict[str, Any]) -> dict[str, Any]:
        taken = sorted({"photochrom", "image", "model", "hints", "reference"} & set(extra))
        if taken:
            raise ValueError(f"the session file has its own {', '.join(taken)}")
        if not isinstance(extra.get("settings", {}), dict):
            raise ValueError("settings must be an object")
        return extra


class _Kept(BaseModel):
    """A part of a session file: keys of other versions and programs stay."""

    model_config = ConfigDict(extra="allow")


class SessionImage(_Kept):
    """Which photograph a session was made for."""

    sha256: str | None = None
    width: int | None = None
    height: int | None = None


class SessionModel(_Kept):
    """Which network a session was made with."""

    name: str | None = None
    sha256: str | None = None


class SessionHint(_Kept):
    """A hint in a session file."""

    x: _Fraction
    y: _Fraction
    color: _Hex | None = None
    radius: _Number = Field(default=0.01, gt=0, le=1)


class SessionReference(Reference):
    """A reference in a session file; both null: none."""

    model_config = ConfigDict(extra="allow", title="SessionReference")


class SessionSettings(_Kept):
    """The settings of a session file."""

    decode: Decode = "vivid"
    saturation: _Saturation = 1.0
    temperature: _Temperature = 0.0


class SessionFile(_Kept):
    """The content of a `*.photochrom.json` file."""

    photochrom: _Integer = Field(ge=1, description="Version of the file's format: 1.")
    image: SessionImage | None = None
    model: SessionModel | None = None
    hints: list[SessionHint] | None = Field(default=None, max_length=MAX_HINTS)
    reference: SessionReference | None = None
    settings: SessionSettings | None = None


class ExportRequest(_Sent):
    """A full-size picture, or its colours alone."""

    session: SessionFile
    format: OutputFormatName = "png"
    layer: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="The colour layer alone, as a PNG, to lay over the photograph elsewhere."
    )


class ModelInfo(BaseModel):
    """The network that answers."""

    name: str
    sha256: str


class LimitsInfo(BaseModel):
    """What a client should keep to."""

    bytes: int = Field(description="Of an upload.")
    pixels: int
    hints: int
    side: int = Field(description="Longest side of a picture in pixels.")


class About(BaseModel):
    """What this service is and takes."""

    version: str
    model: ModelInfo
    decodes: list[Decode]
    formats: list[OutputFormatName]
    limits: LimitsInfo


class Grid(BaseModel):
    """Cells of the network's own answer."""

    width: int
    height: int


class WorkInfo(BaseModel):
    """A photograph at work."""

    id: WorkId
    width: int
    height: int
    sha256: str = Field(description="Of the file as it was uploaded.")
    grid: Grid
    seconds_idle: float


class Suggestion(BaseModel):
    """A plausible colour for a place, the likeliest first in its list."""

    color: str = Field(description='"#rrggbb" at the photograph\'s lightness there, or the nearest that holds a and b.')
    ab: tuple[float, float]
    probability: float


class Place(BaseModel):
    """A place as fractions of width and height."""

    x: float
    y: float


class Variant(BaseModel):
    """The hints that make one colouring: the given ones first, then those drawn for it."""

    hints: list[Hint]
