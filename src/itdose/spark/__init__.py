"""Check the orders of a Spark dataframe: each distinct one once, wherever the cluster has room."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.batch.columns import NEEDED, columns_of
from itdose.batch.distinct.row_texts import read_places
from itdose.batch.options import SheetOptions
from itdose.errors import SheetError
from itdose.spark.workers import FOUND, REPORT, check_orders, check_together

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from itdose.batch.columns import Columns
    from itdose.formulary import Formulary

__all__ = ["assess", "reported"]

_NUMBER = "itdose_number"
_TOGETHER = "itdose_together"
_BLANKS = " \t\r\n\u00a0"
_TASKS = 200


class Text(NamedTuple):
    """Stands in for a broadcast where the session can't make one."""

    value: str


def assess(
    dataframe: DataFrame, formulary: Formulary, options: SheetOptions | None = None, *, row: str | None = None
) -> DataFrame:
    """Return the dataframe with the columns ``verdict``, ``code``, ``headline`` and ``report`` (JSON) added.

    Its columns are named as those of a sheet. ``row`` names a column of whole
    numbers by which reports name rows; rows that share a ``preparation_id``
    need one. Raises SheetError for columns that can't be read.
    """
    names = dataframe.columns
    columns = columns_of("the dataframe", names, options or SheetOptions())
    _check_names(dataframe, columns, row)
    # Names of its own: Spark takes a point in a name for a field, and small and capital letters for the same.
    plain = dataframe.toDF(*(f"c{place}" for place in range(len(names))))
    number = plain[f"c{names.index(row)}"] if row else None
    return reported(plain, columns, formulary, number).toDF(*names, *REPORT)


def _check_names(dataframe: DataFrame, columns: Columns, row: str | None) -> None:
    fields = columns.fields.values()
    missing = [field for field in NEEDED if field not in fields and field != "row_id"]
    if missing:
        raise SheetError(f"the dataframe has no column {', '.join(missing)}; name it with withColumnRenamed")
    taken = [name for name in dataframe.columns if name.casefold() in REPORT]
    if taken:
        raise SheetError(f"the dataframe has a column {taken[0]!r} already; rename it")
    if row is not None and row not in columns.headers:
        raise SheetError(f"the dataframe has no column {row!r}, which was to number its rows")
    if row is None and "preparation_id" in fields:
        raise SheetError(
            "reports on a preparation name its other rows; say which column numbers the rows: "
            "assess(..., row=NAME)"
        )
    kinds = {header: dataframe.schema[place].dataType for place, header in enumerate(columns.headers)}
    maps = [header for header in columns.fields if "map<" in kinds[header].simpleString()]
    if maps:
        raise SheetError(f"the column {maps[0]!r} holds maps; cast it to text")


def reported(
    dataframe: DataFrame, columns: Columns, formulary: Formulary, number: Column | None
) -> DataFrame:
    """Add the columns of the report to a dataframe that has the sheet's columns as ``c0``, ``c1`` ..."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    task = _shared(dataframe, _task(columns, formulary))
    given = dataframe.columns
    numbered = dataframe.withColumn(
        _NUMBER, f.coalesce(number.cast("long"), f.lit(0)) if number is not None else f.lit(0).cast("long")
    )
    beside = _preparation(columns, numbered)
    if beside is None:
        return _alone(numbered, columns, task, is_numbered=number is not None).select(*given, *REPORT)
    alone = _alone(numbered.where(beside == ""), columns, task, is_numbered=number is not None)
    together = _together(numbered.where(beside != "").withColumn(_TOGETHER, beside), columns, task)
    return alone.select(*given, *REPORT).unionByName(together.select(*given, *REPORT))


def _preparation(columns: Columns, dataframe: DataFrame) -> Column | None:
    """Return the preparation_id of a row, an empty text where there is none; None without such a column."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    for header, field in columns.fields.items():
        if field == "preparation_id":
            cell = dataframe[f"c{columns.headers.index(header)}"].cast("string")
            return f.coalesce(f.btrim(cell, f.lit(_BLANKS)), f.lit(""))
    return None


def _alone(dataframe: DataFrame, columns: Columns, task: Any, *, is_numbered: bool) -> DataFrame:
    """Check each distinct order, and bring the reports back to the rows."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    keys = [f"c{place}" for place in read_places(columns)]
    fields = ", ".join(
        f"k_{field.name} {field.dataType.simpleString()}" for field in dataframe.select(*keys).schema
    )
    # Few bytes take long here, so that Spark's own choice would be too few tasks.
    orders = dataframe.select(*keys).distinct().repartition(_tasks(dataframe))
    reports = orders.mapInArrow(
        lambda batches: check_orders(batches, task),
        f"{fields}, {', '.join(f'{name} string' for name in FOUND)}",
    )
    # Empty cells are equal here, as nowhere else in SQL.
    same = [dataframe[key].eqNullSafe(reports[f"k_{key}"]) for key in keys]
    place = f.concat(f.lit("row "), f.col(_NUMBER), f.lit(": ")) if is_numbered else f.lit("")
    return dataframe.join(reports, same, "inner").withColumns(_with_place(place))


def _with_place(place: Column) -> dict[str, Column]:
    """Return headline and report of a row that can't be read, with its own place in them."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    fault, escaped = f.col("fault"), f.col("fault_json")
    old, new = f.concat(f.lit('"row 0: '), escaped), f.concat(f.lit('"'), place, escaped)
    return {
        "headline": f.when(fault.isNull(), f.col("headline")).otherwise(f.concat(place, fault)),
        "report": f.when(fault.isNull(), f.col("report")).otherwise(f.replace(f.col("report"), old, new)),
    }


def _together(dataframe: DataFrame, columns: Columns, task: Any) -> DataFrame:
    """Gather the rows of each preparation, and check each beside the others."""
    from pyspark.sql.types import StringType, StructType  # noqa: PLC0415 - an extra

    schema = StructType(list(dataframe.schema))
    for name in REPORT:
        schema = schema.add(name, StringType())
    keys = read_places(columns)
    return dataframe.groupBy(_TOGETHER).applyInArrow(
        lambda table: check_together(table, keys, _NUMBER, task), schema
    )


def _tasks(dataframe: DataFrame) -> int:
    stated = str(dataframe.sparkSession.conf.get("spark.sql.shuffle.partitions"))
    return int(stated) if stated.isdigit() else _TASKS


def _task(columns: Columns, formulary: Formulary) -> str:
    """Return as text all that a worker needs. The formulary's parts are mappings that are read late."""
    return json.dumps(
        {
            "rows": formulary.rows,
            "as_of": formulary.as_of,
            "headers": columns.headers,
            "fields": columns.fields,
            "mapped": dict(columns.options.fields),
            "decimal_comma": columns.options.decimal_comma,
        },
        default=dict,
        separators=(",", ":"),
    )


def _shared(dataframe: DataFrame, text: str) -> Any:
    """Return the text where every worker can read it; with Spark Connect it goes along with the function."""
    context = getattr(dataframe.sparkSession, "_sc", None)
    return context.broadcast(text) if context is not None else Text(text)
