"""A sheet as its rows: what a reader gives, whatever the file was."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from itdose.errors import SheetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from itdose.batch.columns import Columns
    from itdose.order import Order

_T = TypeVar("_T")


class SheetRow(NamedTuple):
    """One row as it stands in the sheet; ``columns`` reads it as an order."""

    number: int
    """As a person counts in that file; the header of a CSV is row 1."""
    texts: Sequence[str]
    columns: Columns
    fault: str | None = None
    """Why the reader could not take the row as it stands, and how to mend it."""
    worksheet: str | None = None
    """Where a workbook has several that were read."""
    is_hidden: bool = False
    """Whether whoever looks at the sheet does not see the row."""
    joined: Order | None = None
    """The order beside the other rows of its preparation."""

    @property
    def cells(self) -> Mapping[str, str]:
        """Every cell by its header, as it stands in the sheet."""
        return self.columns.cells(self.texts)

    @property
    def row_id(self) -> str:
        """The sheet's own name of the row, or an empty text."""
        return self.columns.text("row_id", self.texts)

    @property
    def preparation(self) -> str | None:
        """Rows with the same one are one syringe, bag or pump fill."""
        return self.columns.text("preparation_id", self.texts) or None

    @property
    def place(self) -> str:
        """The row in words: ``row 5``, or ``row 5 of worksheet 'May'``."""
        return f"row {self.number}" + (f" of worksheet '{self.worksheet}'" if self.worksheet else "")

    @property
    def problem(self) -> str | None:
        """Why the row holds no order, with its place; None where it holds one."""
        fault = self.fault or self.columns.fault(self.texts)
        return f"{self.place}: {fault}" if fault else None

    @property
    def order(self) -> Order | None:
        """The order that the row holds; None where it can't be read."""
        if self.joined is not None:
            return self.joined
        if self.problem is not None:
            return None
        return self.columns.order(self.texts, in_hidden_row=self.is_hidden)


@dataclass(slots=True)
class Sheet:
    """The rows of one file or query, with what is known of the whole."""

    name: str
    rows: Iterator[SheetRow]
    headers: tuple[str, ...] = ()
    """The names of the columns where all rows share them, in order."""
    count: Callable[[], int | None] = lambda: None
    """Counts the rows for ``expected``; it may read the whole file, so it is called only on demand."""
    remarks: list[str] = field(default_factory=list)
    """What of the file was not read, or read with a remark; complete once the rows are read."""

    @property
    def expected(self) -> int | None:
        """About how many rows there are, for a progress bar; None where that is not known."""
        return self.count()

    def each(self, become: Callable[[Iterator[SheetRow]], Iterator[_T]]) -> Iterator[_T]:
        """Yield what every row becomes; raise SheetError where that is not one thing for each row."""
        read, reported = 0, 0

        def rows() -> Iterator[SheetRow]:
            nonlocal read
            for row in self.rows:
                read += 1
                yield row

        for report in become(rows()):
            reported += 1
            yield report
        if reported != read:
            raise SheetError(f"{self.name}: {read} rows were read and {reported} reported")
