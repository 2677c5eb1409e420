"""Outcomes of regression cases: for a person, as JUnit XML, and as GitHub annotations."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import groupby
from typing import TYPE_CHECKING

from itdose.render.github import Annotation, github_lines
from itdose.render.layout import counted, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from itdose.curation.cases import Outcome


def text(outcomes: Sequence[Outcome], *, width: int) -> str:
    """Return every failed case with its place, and the count."""
    failed = [outcome for outcome in outcomes if outcome.differences]
    lines: list[str] = []
    for case, differences in failed:
        lines += wrap(f"{case.file}:{case.line}: {case.title}", width, "", "  ")
        for difference in differences:
            lines += wrap(difference, width, "  ", "    ")
    lines.append(f"{counted(len(outcomes), 'case')}, {len(failed)} not as expected")
    return "\n".join(lines) + "\n"


def junit(outcomes: Sequence[Outcome]) -> str:
    """Return JUnit XML: one suite a file, one test case a regression case."""
    suites = ET.Element("testsuites", name="itdose regression cases")
    for file, group in groupby(outcomes, key=lambda outcome: outcome.case.file):
        of_file = list(group)
        failures = sum(bool(outcome.differences) for outcome in of_file)
        suite = ET.SubElement(
            suites, "testsuite", name=file, tests=str(len(of_file)), failures=str(failures), errors="0"
        )
        for case, differences in of_file:
            place = {"classname": case.rule or file, "file": case.file, "line": str(case.line)}
            test = ET.SubElement(suite, "testcase", {"name": case.title, **place})
            if differences:
                failure = ET.SubElement(test, "failure", message=differences[0])
                failure.text = "\n".join(differences)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def github(outcomes: Sequence[Outcome]) -> str:
    """Return one annotation for each failed case."""
    return github_lines(
        [
            Annotation("error", case.file, case.line, case.title, "; ".join(differences))
            for case, differences in outcomes
            if differences
        ]
    )
