"""Read FHIR R4: a Bundle or a single order as JSON, or NDJSON with a resource in each line."""

from __future__ import annotations

import io
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from itdose.batch.fhir.cells import COLUMNS, HEADERS
from itdose.batch.fhir.json_text import parsed, words
from itdose.batch.fhir.order import ORDERS, is_older_shape, order_rows
from itdose.batch.fhir.references import References
from itdose.batch.fhir.resources import Found, in_document, later_pages
from itdose.batch.sheet import Sheet, SheetRow
from itdose.batch.text.text_file import opened
from itdose.errors import SheetError, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from itdose.batch.options import SheetOptions
    from itdose.batch.text.text_file import TextFile

    Source = Callable[[], AbstractContextManager[Iterator[Found]]]

LARGEST_DOCUMENT = 200_000_000
"""A JSON document is held in memory as a whole; NDJSON is not."""
_AT_ONCE = 1_000_000
_MOST_KINDS = 10
_ADVICE = (
    "a .json sheet is a FHIR R4 Bundle, MedicationRequest or MedicationAdministration; "
    "save other orders as CSV, or as one object a line in .ndjson"
)


def read(sheet: str, options: SheetOptions) -> Sheet:
    """Return the orders of a JSON document."""
    with opened(sheet, options) as file:
        if Path(sheet).stat().st_size > LARGEST_DOCUMENT:
            raise _too_large(sheet)
        return _document(sheet, file.read(), options)


def read_lines(sheet: str, options: SheetOptions) -> Sheet:
    """Return the orders of NDJSON; its lines are read twice, since an order may refer to a later one."""

    @contextmanager
    def source() -> Iterator[Iterator[Found]]:
        with opened(sheet, options) as file:
            yield _in_lines(iter(file))

    return _sheet(sheet, source, [], options)


def read_stream(sheet: str, first: str, file: TextFile, options: SheetOptions) -> Sheet:
    """Return the orders of a stream that can be read once, and whose first line was read."""
    if not _is_whole(first):
        content = io.StringIO()
        content.write(first)
        _copy(sheet, file, content)
        return _document(sheet, content.getvalue(), options)

    remarks: list[str] = []

    def rows() -> Iterator[SheetRow]:
        # A file without a name: it is gone when the run ends, however it ends.
        with TemporaryFile("w+", encoding="utf-8", newline="") as copy:

            @contextmanager
            def source() -> Iterator[Iterator[Found]]:
                copy.seek(0)
                yield _in_lines(copy)

            copy.write(first)
            _copy(sheet, file, copy)
            yield from _rows(sheet, source, remarks)

    _refuse_options(sheet, options)
    return Sheet(sheet, rows(), HEADERS, remarks=remarks)


def is_fhir(first: str) -> bool:
    """Return whether the first line of a text is of FHIR and not of a sheet's own JSON Lines."""
    return '"resourceType"' in first or first.strip() == "{"


def _document(sheet: str, content: str, options: SheetOptions) -> Sheet:
    try:
        document = parsed(content)
    except (ValueError, RecursionError) as error:
        raise SheetError(f"{sheet}: it is no JSON that can be read ({error}); {_ADVICE}") from error
    if not isinstance(document, dict) or document.get("resourceType") not in ("Bundle", *ORDERS):
        raise SheetError(f"{sheet}: it is no FHIR of orders; {_ADVICE}")

    @contextmanager
    def source() -> Iterator[Iterator[Found]]:
        yield in_document(document)

    return _sheet(sheet, source, later_pages(document), options)


def _copy(sheet: str, file: TextFile, copy: IO[str]) -> None:
    try:
        while part := file.read(_AT_ONCE):
            copy.write(part)
            if isinstance(copy, io.StringIO) and copy.tell() > LARGEST_DOCUMENT:
                raise _too_large(sheet)
    except UnicodeDecodeError as error:
        raise SheetError(f"{sheet}: it is not UTF-8 text ({error.reason}); save it as UTF-8") from error


def _sheet(sheet: str, source: Source, remarks: list[str], options: SheetOptions) -> Sheet:
    _refuse_options(sheet, options)
    return Sheet(sheet, _rows(sheet, source, remarks), HEADERS, remarks=remarks)


def _refuse_options(sheet: str, options: SheetOptions) -> None:
    if options.decimal_comma or options.fields:
        raise SheetError(
            f"{sheet}: FHIR has its own decimal sign and elements; leave out --decimal comma and --map"
        )


def _rows(sheet: str, source: Source, remarks: list[str]) -> Iterator[SheetRow]:
    known, rows, older = References(), 0, 0
    with source() as resources:
        _learn(resources, known)
    with source() as resources:
        for found in resources:
            if found.resource is None:
                rows += 1
                yield SheetRow(found.number, ("",) * len(HEADERS), COLUMNS, found.fault)
            elif found.resource.get("resourceType") in ORDERS:
                rows += 1
                older += is_older_shape(found.resource)
                yield from order_rows(found.number, found.resource, known)
    if not rows:
        raise SheetError(f"{sheet}: it holds no {' or '.join(ORDERS)}; nothing was checked")
    if known.others:
        counted = [f"{times} {visible(kind)}" for kind, times in known.others.most_common(_MOST_KINDS)]
        counted += ["others"] if len(known.others) > _MOST_KINDS else []
        remarks.append(f"not read: {', '.join(counted)}")
    if older:
        remarks.append(f"{older} orders state the dose as before R4, without doseAndRate; it was read")


def _learn(resources: Iterator[Found], known: References) -> None:
    """Collect what orders refer to; what can't be read is counted among what was not."""
    for found in resources:
        if found.resource is None or found.resource.get("resourceType") in ORDERS:
            continue
        try:
            known.add(found.resource, found.full_url)
        except ValueError as error:
            known.others[f"resource that can't be read ({error})"] += 1


def _in_lines(lines: Iterator[str]) -> Iterator[Found]:
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            document = parsed(text)
            if not isinstance(document, dict) or not words(document, "resourceType"):
                raise ValueError("it has no resourceType")  # noqa: TRY301 - one kind of error for a line
        except (ValueError, RecursionError) as error:
            yield Found(number, fault=f"it is not one FHIR resource: {error}")
        else:
            yield from (found._replace(number=number) for found in in_document(document))


def _is_whole(first: str) -> bool:
    """Return whether a line is a JSON text of its own."""
    try:
        parsed(first)
    except (ValueError, RecursionError):
        return False
    return True


def _too_large(sheet: str) -> SheetError:
    return SheetError(
        f"{sheet}: one JSON document may have {LARGEST_DOCUMENT // 1_000_000} MB; "
        "save it as NDJSON, one resource a line"
    )
