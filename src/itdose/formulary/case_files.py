"""Regression cases in YAML: an order, the verdict, and the complete list of finding codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, TypeAdapter

from itdose.errors import FormularyError, Problem
from itdose.formulary.load import validated
from itdose.formulary.model import Strict, Text
from itdose.formulary.strict_yaml import Document
from itdose.order import Order

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FLAGS = ("decimal_comma", "strict")
_LISTS = ("categories",)
_FIELDS = frozenset(Order.__dataclass_fields__)


def _known_fields(stated: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(stated) - _FIELDS)
    if unknown:
        raise ValueError(f"an order has no {', '.join(unknown)}; it has: {', '.join(sorted(_FIELDS))}")
    return stated


OrderFields = Annotated[
    dict[str, Text | tuple[Text, ...]],
    AfterValidator(_known_fields),
    Field(json_schema_extra={"propertyNames": {"enum": sorted(_FIELDS)}}),
]
VerdictWord = Literal["within_limits", "needs_review", "cannot_check", "stop"]


class CaseModel(Strict):
    """One order and what is expected of it."""

    order: OrderFields = {}
    verdict: VerdictWord
    codes: tuple[Text, ...] = ()
    """The codes of all findings, in any order, apart from those that the group always expects."""
    mechanisms: tuple[Text, ...] = ()
    """The slips that explain the dose, first the likeliest."""
    says: Text | None = None


class GroupModel(Strict):
    """Cases that share most of their order, such as those of one dose rule."""

    says: Text
    source: Text
    rule: Text | None = None
    """The dose rule that the cases are about."""
    order: OrderFields = {}
    always: tuple[Text, ...] = ()
    """Codes that every case of the group expects."""
    cases: tuple[CaseModel, ...] = Field(min_length=1)


class RegressionCase(NamedTuple):
    """One order with what is expected of it, and where that was written."""

    file: str
    line: int
    says: str
    rule: str | None
    order: Order
    verdict: str
    codes: tuple[str, ...]
    """Sorted; a code that is found twice stands twice."""
    mechanisms: tuple[str, ...]

    @property
    def title(self) -> str:
        """The order in a few words."""
        order = self.order
        words = (order.drug, order.dose, order.route, order.mode, order.indication)
        return " ".join(word for word in words if word)


CASES = TypeAdapter(tuple[GroupModel, ...])
"""The shape of a case file."""


def read_cases(paths: list[Path]) -> tuple[RegressionCase, ...]:
    """Read case files, or every case file of a folder; raise FormularyError with all problems."""
    problems: list[Problem] = []
    cases = [case for path in paths for file in _files(path) for case in _cases(file, problems)]
    if not cases and not problems:
        problems.append(Problem(str(paths[0]) if paths else "cases", 1, "there are no regression cases here"))
    if problems:
        raise FormularyError(tuple(problems))
    return tuple(cases)


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.yaml")) if path.is_dir() else [path]


def _cases(path: Path, problems: list[Problem]) -> Iterator[RegressionCase]:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        message = "there is no such file; write the cases into it, or name others with --cases"
        problems.append(Problem(str(path), 1, message))
        return
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(str(path), 1, f"can't be read as UTF-8 text: {error}"))
        return
    document = Document(str(path), text)
    for place, group in enumerate(validated(document, CASES, {}, problems) or ()):
        for number, case in enumerate(group.cases):
            line = document.line((place, "cases", number))
            try:
                order = _order({**group.order, **case.order})
            except (TypeError, ValueError) as error:
                problems.append(Problem(str(path), line, f"no order can be made of this: {error}"))
                continue
            codes = tuple(sorted((*group.always, *case.codes)))
            says = case.says or group.says
            yield RegressionCase(
                str(path), line, says, group.rule, order, case.verdict, codes, case.mechanisms
            )


def _order(stated: dict[str, Any]) -> Order:
    missing = [field for field in ("drug", "dose", "route") if field not in stated]
    if missing:
        raise ValueError(f"it lacks {' and '.join(missing)}")
    flags = {name: stated[name] == "yes" for name in _FLAGS if name in stated}
    for field, value in stated.items():
        if isinstance(value, tuple) != (field in _LISTS):
            raise ValueError(f"{field} must be {'a list' if field in _LISTS else 'one text'}")
    return Order(**stated | flags)
