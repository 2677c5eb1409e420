"""Quantities in formulary files: the grammar of doses, read strictly, and ranges of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PlainValidator

from itdose.band import Band
from itdose.dose_kind import Kind
from itdose.dose_text import Dialect, read
from itdose.errors import DoseTextError
from itdose.quantity import Quantity

if TYPE_CHECKING:
    from pydantic import ValidationInfo

_KINDS_OF_LIMITS = (Kind.DOSE, Kind.CONCENTRATION, Kind.VOLUME, Kind.DURATION, Kind.VOLUME_DOSE)
# Remarks that matter on a prescription but not in a reviewed file.
_HARMLESS = frozenset({"decimal-below-one", "large-number"})
_BAND = re.compile(r"(?=.)(?:from (?P<low>.+?))?(?:(?<!^) to )?(?:below (?P<high>.+))?")


@dataclass(frozen=True, slots=True)
class Absent:
    """A limit that does not apply, with the reason that the file gives."""

    reason: str


@dataclass(frozen=True, slots=True)
class Span:
    """From a lower to an upper quantity; ``low`` is None for "up to"."""

    low: Quantity | None
    high: Quantity


def read_any(text: str, info: ValidationInfo) -> Quantity:
    """Read a quantity of any kind that a limit may have."""
    return _read_as(text, _KINDS_OF_LIMITS, info)


def _read_as(text: str, kinds: tuple[Kind, ...], info: ValidationInfo) -> Quantity:
    dialect: Dialect = (info.context or {})["dialect"]
    refused: DoseTextError | None = None
    for kind in kinds:
        try:
            reading = read(text, kind, dialect)
        except DoseTextError as error:
            # What another kind says is telling only where the unit was of the wrong kind.
            if refused is None or refused.code == "other-kind":
                refused = error
            continue
        risky = [remark for remark in reading.remarks if remark.code not in _HARMLESS]
        if risky:
            raise ValueError(f"{text!r} is written in a risky way ({risky[0].code}); write {risky[0].safe!r}")
        return reading.quantity
    raise ValueError(str(refused))


def read_limit(value: Any, info: ValidationInfo) -> Quantity | Absent:
    """Read a limit, or ``none, <reason>``."""
    text = _text(value)
    absent = _absent(text)
    return absent or read_any(text, info)


def read_span(value: Any, info: ValidationInfo) -> Span | Absent:
    """Read ``A to B``, ``up to B``, ``A`` for both ends, or ``none, <reason>``."""
    text = _text(value)
    absent = _absent(text)
    if absent:
        return absent
    if text.startswith("up to "):
        return Span(None, read_any(text.removeprefix("up to "), info))
    return _span(text, _KINDS_OF_LIMITS, info)


def _span(text: str, kinds: tuple[Kind, ...], info: ValidationInfo) -> Span:
    low_text, _, high_text = text.partition(" to ")
    low, high = (_read_as(part, kinds, info) for part in (low_text, high_text or low_text))
    if low.unit.dimension != high.unit.dimension or not low <= high:
        raise ValueError(f"{text!r} does not run upwards; write 'A to B', the lower first, in like units")
    return Span(low, high)


def _read_band(value: Any, kind: Kind, info: ValidationInfo) -> Band:
    """Read ``from A``, ``below B``, or ``from A to below B``."""
    text = _text(value)
    match = _BAND.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no band; write 'from A', 'below B' or 'from A to below B'")
    low, high = (_read_as(part, (kind,), info) if part else None for part in match.group("low", "high"))
    if low is not None and high is not None and not low < high:
        raise ValueError(f"{text!r} does not run upwards; write 'from A to below B', the lower first")
    return Band(low, high)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text such as '50 mg' is needed")  # noqa: TRY004 - pydantic collects ValueErrors
    return value


def _absent(text: str) -> Absent | None:
    if text == "none" or text.startswith("none,"):
        reason = text.removeprefix("none").removeprefix(",").strip()
        if not reason:
            raise ValueError("say why there is none: 'none, <reason>'")
        return Absent(reason)
    return None


# What an editor completes and checks. Only the grammar knows every unit; it reads each file again.
_NUMBER = r"(0|[1-9][0-9]*)(\.[0-9]*[1-9])?"
_UNIT = r"[A-Za-z][A-Za-z0-9_]*([ /][A-Za-z][A-Za-z0-9_]*)*"
_QUANTITY = f"{_NUMBER} {_UNIT}"
_NONE = r"none, *\S.*"


def _as_text(description: str, pattern: str, *examples: str) -> Any:
    """Return the text that stands for a quantity in a file, as JSON Schema describes it."""
    return Annotated[str, Field(description=description, pattern=f"^({pattern})$", examples=list(examples))]


def _field_of(kind: Kind, *examples: str) -> PlainValidator:
    shape = _as_text(f"{kind.noun} with its unit".capitalize(), _QUANTITY, *examples)
    return PlainValidator(
        lambda value, info: _read_as(_text(value), (kind,), info), json_schema_input_type=shape
    )


def _band_of(kind: Kind, low: str, high: str) -> PlainValidator:
    pattern = f"from {_QUANTITY}( to below {_QUANTITY})?|below {_QUANTITY}"
    examples = (f"from {low}", f"below {high}", f"from {low} to below {high}")
    shape = _as_text(f"A band: {kind.noun} from a lower end to below an upper one", pattern, *examples)
    return PlainValidator(lambda value, info: _read_band(value, kind, info), json_schema_input_type=shape)


_LIMIT = _as_text(
    "A quantity with its unit, or none with a reason",
    f"{_NONE}|{_QUANTITY}",
    "50 mg", "0.5 mg/kg", "none, no source gives one",
)  # fmt: skip
_RANGE = _as_text(
    "A range in like units, the lower first, or none with a reason",
    f"{_NONE}|up to {_QUANTITY}|{_QUANTITY}( to {_QUANTITY})?",
    "50 mg to 100 mg", "up to 100 mg", "50 mg", "none, one report only",
)  # fmt: skip
_WEIGHTS = _as_text(
    "The lightest and the heaviest body weight", f"{_QUANTITY}( to {_QUANTITY})?", "1 kg to 500 kg"
)

StrengthField = Annotated[Quantity, _field_of(Kind.CONCENTRATION, "50 mg/mL", "500 mcg/mL")]
VolumeField = Annotated[Quantity, _field_of(Kind.VOLUME, "0.1 mL", "20 mL")]
DurationField = Annotated[Quantity, _field_of(Kind.DURATION, "30 min", "24 h")]
AgeField = Annotated[Quantity, _field_of(Kind.AGE, "28 days", "18 years")]
AgeBandField = Annotated[Band, _band_of(Kind.AGE, "3 months", "12 years")]
WeightBandField = Annotated[Band, _band_of(Kind.WEIGHT, "10 kg", "50 kg")]
WeightSpanField = Annotated[
    Span,
    PlainValidator(
        lambda value, info: _span(_text(value), (Kind.WEIGHT,), info), json_schema_input_type=_WEIGHTS
    ),
]
LimitField = Annotated[Quantity | Absent, PlainValidator(read_limit, json_schema_input_type=_LIMIT)]
SpanField = Annotated[Span | Absent, PlainValidator(read_span, json_schema_input_type=_RANGE)]
