"""What stops a run, as a tree.

ItdoseError
├── DoseTextError     a text that is not read as a quantity (also a ValueError)
├── QuantityError     two quantities that can't be compared or converted
├── FormularyError    one or more problems of a formulary, each with file and line
├── SheetError        a preparation sheet that can't be read at all
├── OutputError       the output can't be written
│   └── ReaderGoneError   nobody reads it any more
└── UnknownNameError  a name that is not in the formulary, with near names

A dose outside its limits is a finding, never an error.
"""

from __future__ import annotations

from typing import NamedTuple


class ItdoseError(Exception):
    """Base of every error that itdose raises on purpose."""


class DoseTextError(ItdoseError, ValueError):
    """A text that has no reading, or more than one.

    ``code`` names the rule of the grammar, ``problem`` says what is wrong and
    ``remedy`` how to write it without a second reading.
    """

    def __init__(self, text: str, code: str, problem: str, remedy: str) -> None:
        super().__init__(text, code, problem, remedy)
        self.text = text
        self.code = code
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{quote(self.text)}: {self.problem}; {self.remedy}"


class QuantityError(ItdoseError):
    """Two quantities whose dimensions differ, or a conversion without a factor."""


class Problem(NamedTuple):
    """One problem of a formulary: where it stands, what it is, and how to mend it."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class FormularyError(ItdoseError):
    """All problems of a formulary at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class SheetError(ItdoseError):
    """A preparation sheet that can't be read, or not to its end; no output file was written."""


class OutputError(ItdoseError):
    """The output can't be written, as on a full disk."""


class ReaderGoneError(OutputError):
    """Whoever read the output has gone, as after ``| head``."""


class UnknownNameError(ItdoseError):
    """A name that is not in the formulary. ``near`` lists names that look like it."""

    def __init__(self, kind: str, text: str, near: tuple[str, ...], advice: str) -> None:
        super().__init__(kind, text, near, advice)
        self.kind = kind
        self.text = text
        self.near = near
        self.advice = advice

    def __str__(self) -> str:
        near = f" Did you mean {' or '.join(self.near)}?" if self.near else ""
        return f"{self.kind} {quote(self.text)} is not known.{near} {self.advice}".rstrip()


_LONGEST_QUOTE = 120


def quote(text: str) -> str:
    """Return ``text`` in quotes with every invisible or controlling character spelled out.

    Clinical text may hold terminal escapes or characters that turn the line
    around; shown raw they would change what a reader sees.
    """
    return f"'{visible(text)}'"


def visible(text: str, longest: int = _LONGEST_QUOTE) -> str:
    """Return ``text`` with every invisible or controlling character spelled out, and not too long."""
    shown = text if len(text) <= longest else text[:longest]
    spelled = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in shown)
    rest = "" if shown is text else f" … ({len(text)} characters)"
    return f"{spelled}{rest}"
