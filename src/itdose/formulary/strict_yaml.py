"""YAML as text only: no numbers, dates or booleans, no duplicate keys, no aliases.

Plain YAML turns ``NO`` into false, ``12:30`` into 750 and ``1.10`` into 1.1,
and lets a second ``upper_hard`` silently replace the first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from itdose.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]
"""Keys and indexes from the top of a document to one of its values."""

# An anchor, an alias or a tag follows the start of a line, a space or an opening bracket.
_MAY_REFER = re.compile(r"(?:^|[\s\[{,:?-])[&*!]", re.MULTILINE)
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Document:
    """One parsed file: its data, the line of every value, and its problems."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.data: Any = {}
        self.problems: list[Problem] = []
        self.is_unreadable = False
        """Nothing could be read of it, or it holds what has a second meaning."""
        self._lines: dict[Path, int] = {(): 1}
        self._redirects: dict[Path, tuple[Document, Path]] = {}
        try:
            self._refuse_references(text)
            node = yaml.compose(text, Loader=_LOADER)
        except yaml.YAMLError as error:
            self._problem(_line_of(error), f"not YAML: {_first_line(error)}")
            self.is_unreadable = True
            return
        if node is None:
            self._problem(1, "the file is empty; it needs a mapping")
            self.is_unreadable = True
        elif self.problems:
            self.is_unreadable = True
        else:
            self.data = self._value(node, ())

    def line(self, path: Path) -> int:
        """Return the line of a value, or of the nearest value above it."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def problem(self, path: Path, message: str) -> Problem:
        """Return a problem at a value of this file, or of the file that put the value there."""
        for end in range(len(path), 0, -1):
            if path[:end] in self._redirects:
                document, start = self._redirects[path[:end]]
                return document.problem((*start, *path[end:]), message)
        return Problem(self.file, self.line(path), message)

    def redirect(self, path: Path, document: Document, start: Path) -> None:
        """Let problems at ``path`` and below name the value at ``start`` of another file."""
        self._redirects[path] = document, start

    def _problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, message))

    def _refuse_references(self, text: str) -> None:
        if not _MAY_REFER.search(text):
            return
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                self._problem(line, "anchors and aliases are refused: write the value out")
            elif getattr(event, "tag", None):
                self._problem(line, "tags are refused: every value is text")

    def _value(self, node: yaml.Node, path: Path) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return dict(self._items(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        text: str = node.value
        if not text.replace("\n", "").isprintable():
            self._problem(node.start_mark.line + 1, "it holds a character that can't be seen; type it again")
        if not text.strip():
            self._problem(node.start_mark.line + 1, f"{path[-1] if path else 'the file'} has no value")
        return text

    def _items(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key, str):
                self._problem(line, "a key must be text")
                # What stands under it is lost, and would be told as missing.
                self.is_unreadable = True
                continue
            if key in seen:
                self._problem(line, f"{key} stands here a second time; the first is on line {seen[key]}")
                continue
            seen[key] = line
            self._lines[(*path, key)] = line
            yield key, self._value(value_node, (*path, key))


def _line_of(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


def _first_line(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or str(error).splitlines()[0])
