"""YAML text → plain values that remember their lines.

The values are built from PyYAML's events, not by its constructors: no tag is ever turned into
an object, no alias is ever expanded, and nothing recurses. Whatever a file holds, the answer
is a document, problems, or both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn

import yaml

from quantetf_core.config.scalars import UnreadableScalarError, plain_value, printable, quoted_value
from quantetf_core.errors import ConfigProblem

KeyPath = tuple[str | int, ...]
"""Keys and list positions (from 0) that lead to a value; ``()`` is the whole document."""

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 32

_VALID_YAML = "YAML: `key: value` lines, indented by spaces"
_PLAIN_YAML = "the value itself; anchors (&), aliases (*) and tags (!) are not read"


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """The content of one configuration file.

    Parameters
    ----------
    file
        The file as messages show it.
    value
        Mappings, lists, text, numbers, booleans and ``None``; numbers are finite.
    lines
        Line, from 1, of every key and list item.
    broken
        Paths whose problem is already reported, so that nothing is said about them twice.
    """

    file: str
    value: Any
    lines: Mapping[KeyPath, int]
    broken: frozenset[KeyPath] = frozenset()

    def line(self, path: KeyPath) -> int:
        """Line of a key, or of the nearest key above it when it is not in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def at(self, path: KeyPath) -> Any:
        """The value at a path; ``None`` where there is none."""
        value = self.value
        for part in path:
            if isinstance(part, str) and isinstance(value, dict):
                value = value.get(part)
            elif isinstance(part, int) and isinstance(value, list) and part < len(value):
                value = value[part]
            else:
                return None
        return value

    def problem(self, path: KeyPath, found: str, accepted: str) -> ConfigProblem:
        """A problem about the value at a path of this document."""
        return ConfigProblem(
            file=self.file,
            line=self.line(path),
            key=dotted(path),
            found=found,
            accepted=accepted,
        )


def dotted(path: KeyPath) -> str:
    """The path as messages show it.

    Examples
    --------
    >>> dotted(("source", "paths", 0))
    'source.paths.0'
    """
    return ".".join(str(part) for part in path)


@lru_cache(maxsize=256)
def parse_yaml(file: str, text: str) -> tuple[Document | None, tuple[ConfigProblem, ...]]:
    """Read one YAML document. The same text is parsed once; nobody may change the values.

    Parameters
    ----------
    file
        The file as messages are to show it.
    text
        Its content.

    Returns
    -------
    Document or None
        ``None`` when the structure cannot be read; a document with ``broken`` paths when single
        values cannot.
    tuple of ConfigProblem
        Syntax errors, duplicate keys, tags, anchors, aliases, unreadable scalars.
    """
    builder = _Builder(file)
    try:
        builder.read(text)
    except _StructureError as error:
        return None, (*builder.problems, error.problem)
    document = Document(file, builder.value, builder.lines, frozenset(builder.broken))
    return document, tuple(builder.problems)


class _StructureError(Exception):
    """The document cannot be read beyond this problem."""

    def __init__(self, problem: ConfigProblem) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(slots=True)
class _Frame:
    """One mapping or list that is still open."""

    container: dict[str, Any] | list[Any]
    path: KeyPath
    key: str | None = None
    duplicate: bool = False

    @property
    def awaits_key(self) -> bool:
        return isinstance(self.container, dict) and self.key is None

    @property
    def next_path(self) -> KeyPath:
        part = len(self.container) if self.key is None else self.key
        return (*self.path, part)

    def add(self, value: Any) -> None:
        if isinstance(self.container, list):
            self.container.append(value)
        elif self.key is not None and not self.duplicate:
            self.container[self.key] = value
        self.key, self.duplicate = None, False


@dataclass(slots=True)
class _Builder:
    """Plain values from YAML events, with a stack of open containers."""

    file: str
    value: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    broken: set[KeyPath] = field(default_factory=set)
    problems: list[ConfigProblem] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    documents: int = 0

    def read(self, text: str) -> None:
        """Build the value of the text, or raise `_StructureError`."""
        if len(text) > MAX_CHARACTERS:
            self.stop(0, f"{len(text)} characters", f"at most {MAX_CHARACTERS}")
        try:
            for event in yaml.parse(text, Loader=yaml.SafeLoader):
                self.take(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.stop(mark.line + 1 if mark else 0, _syntax(error), _VALID_YAML)
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            self.stop(line, f"the unprintable character {error.character:#x}", _VALID_YAML)
        except (ValueError, OverflowError):
            # PyYAML lets these through for an escape such as "\UFFFFFFFF" or a huge version.
            self.stop(0, "an escape or directive that is no character or version", _VALID_YAML)

    def take(self, event: yaml.Event) -> None:
        """Use one event of the stream."""
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.stop(_line(event), "a second document (---)", "one document")
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            self.take_node(event)

    def take_node(self, event: yaml.NodeEvent) -> None:
        """Use a scalar, an alias or the start of a container, as a key or as a value."""
        top = self.stack[-1] if self.stack else None
        if top is not None and top.awaits_key:
            self.take_key(top, event)
            return
        path = top.next_path if top else ()
        self.lines.setdefault(path, _line(event))
        value = self.value_of(event, path)
        if top is None:
            self.value = value
        else:
            top.add(value)
        if isinstance(value, dict | list):
            if len(self.stack) >= MAX_DEPTH:
                self.stop(_line(event), "very deep nesting", f"at most {MAX_DEPTH} levels")
            self.stack.append(_Frame(value, path))

    def take_key(self, top: _Frame, event: yaml.NodeEvent) -> None:
        """Remember the key that the next value belongs to; the first of two equal keys wins."""
        if not isinstance(event, yaml.ScalarEvent):
            self.stop(_line(event), f"{_kind(event)} as a key", "text as a key")
        top.key = str(event.value)
        if not printable(top.key):
            self.stop(_line(event), f"the key {top.key!r}", "a key without control characters")
        path = (*top.path, top.key)
        self.refuse_decoration(event, path)
        if isinstance(top.container, dict) and top.key in top.container:
            top.duplicate = True
            first = self.lines[path]
            found = f"the key {top.key!r} a second time (first on line {first})"
            self.report(_line(event), path, found, "each key once")
        self.lines.setdefault(path, _line(event))

    def value_of(self, event: yaml.NodeEvent, path: KeyPath) -> Any:
        """The plain value an event stands for; ``None`` for what cannot be read."""
        self.refuse_decoration(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return {}
        if isinstance(event, yaml.SequenceStartEvent):
            return []
        if not isinstance(event, yaml.ScalarEvent):
            return None
        text, is_plain = str(event.value), event.implicit[0]
        try:
            return plain_value(text) if is_plain else quoted_value(text)
        except UnreadableScalarError as error:
            self.broken.add(path)
            self.report(_line(event), path, repr(text[:40]), error.accepted)
            return None

    def refuse_decoration(self, event: yaml.NodeEvent, path: KeyPath) -> None:
        """Report an anchor, an alias or a tag: each changes what a reader of the file sees."""
        tag = getattr(event, "tag", None)
        if event.anchor is None and tag is None:
            return
        sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
        found = f"{sign}{event.anchor}" if event.anchor is not None else f"the tag {tag}"
        self.broken.add(path)
        self.report(_line(event), path, found[:60], _PLAIN_YAML)

    def report(self, line: int, path: KeyPath, found: str, accepted: str) -> None:
        self.problems.append(
            ConfigProblem(
                file=self.file, line=line, key=dotted(path), found=found, accepted=accepted
            )
        )

    def stop(self, line: int, found: str, accepted: str) -> NoReturn:
        raise _StructureError(
            ConfigProblem(file=self.file, line=line, key="", found=found, accepted=accepted)
        )


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.line + 1 if mark is not None else 0


def _kind(event: yaml.NodeEvent) -> str:
    if isinstance(event, yaml.MappingStartEvent):
        return "a mapping"
    return "a list" if isinstance(event, yaml.SequenceStartEvent) else "an alias"


def _syntax(error: yaml.MarkedYAMLError) -> str:
    """PyYAML's own sentence in one line, without its excerpt of the text."""
    said = ", ".join(part for part in (error.context, error.problem) if part)
    if "'\\t'" in said:
        return "a tab in the indentation"
    return f"text that is not YAML ({' '.join(said.split())})"
