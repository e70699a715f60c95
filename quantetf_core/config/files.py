"""Configuration files on disk: text, paths that stay in the workspace, and who named a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic import BaseModel

from quantetf_core.config.validation import validate
from quantetf_core.config.yaml_lines import Document, KeyPath, parse_yaml
from quantetf_core.errors import ConfigProblem, did_you_mean

Model = TypeVar("Model", bound=BaseModel)
Value = TypeVar("Value")
Problems = tuple[ConfigProblem, ...]

INSIDE = "a path inside the workspace, relative to the folder that holds configs/"


@dataclass(frozen=True, slots=True)
class Named:
    """The key of a file whose value names another file."""

    document: Document
    path: KeyPath

    def problem(self, found: str, accepted: str) -> ConfigProblem:
        """A problem at that key."""
        return self.document.problem(self.path, found, accepted)


def label(path: Path, root: Path) -> str:
    """The file as messages show it: relative to the workspace when it lies inside."""
    try:
        return path.absolute().relative_to(root.absolute()).as_posix()
    except ValueError:
        return path.as_posix()


def inside(path: str) -> PurePosixPath | None:
    """A relative path without ``.`` and ``..``; ``None`` when it is empty or leaves the workspace.

    Examples
    --------
    >>> inside("configs/./a.yaml"), inside("../a.yaml"), inside("a/../../b"), inside("/etc/x")
    (PurePosixPath('configs/a.yaml'), None, None, None)
    """
    pure = PurePosixPath(path)
    if pure.is_absolute() or Path(path).is_absolute():
        return None
    kept: list[str] = []
    for part in pure.parts:
        if part == ".." and not kept:
            return None
        if part == "..":
            kept.pop()
        else:
            kept.append(part)
    return PurePosixPath(*kept) if kept else None


def read_text(path: Path, file: str) -> tuple[str | None, Problems]:
    """The text of one file, or the problem that forbids reading it."""

    def unread(found: str, accepted: str, line: int = 0) -> tuple[None, Problems]:
        problem = ConfigProblem(file=file, line=line, key="", found=found, accepted=accepted)
        return None, (problem,)

    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return unread("no such file", f"an existing file{_nearest(path)}")
    except OSError as error:
        return unread(f"a file that cannot be read ({error.strerror})", "a readable file")
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return unread(f"the byte {content[error.start]:#x}, which is not UTF-8", "UTF-8", line)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # e.g. a name longer than the file system allows
        return False


def _nearest(path: Path) -> str:
    folder = path.parent
    try:
        return did_you_mean(path.name, sorted(item.name for item in folder.iterdir()))
    except OSError:
        return f"; there is no folder {folder.name!r}"


def read_document(path: Path, file: str) -> tuple[Document | None, Problems]:
    """The YAML document in one file."""
    text, problems = read_text(path, file)
    return (None, problems) if text is None else parse_yaml(file, text)


@dataclass(slots=True)
class Reading:
    """One pass over the files of a workspace: it gathers their texts and all their problems.

    Parameters
    ----------
    root
        The workspace, the folder that holds ``configs/``.
    """

    root: Path
    problems: list[ConfigProblem] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def document(self, path: str | None, named_by: Named | None = None) -> Document | None:
        """Open a file of the workspace; a missing one is the problem of the key that names it.

        A path of ``None`` opens nothing: that it is no path has been said already.
        """
        if path is None or (relative := self.locate(path, named_by)) is None:
            return None
        text, problems = read_text(self.root / relative, relative)
        self.problems.extend(problems)
        if text is None:
            return None
        self.texts[relative] = text
        document, problems = parse_yaml(relative, text)
        self.problems.extend(problems)
        return document

    def locate(self, path: str, named_by: Named | None) -> str | None:
        """The path of a named file inside the workspace; ``None``, with the problem, if amiss."""
        relative = inside(path)
        if relative is None:
            self.refuse(named_by, path, repr(path), INSIDE)
            return None
        target = self.root / relative
        if named_by is not None and not _is_file(target):
            found = f"{path!r}, a file that does not exist"
            self.refuse(named_by, path, found, f"an existing file{_nearest(target)}")
            return None
        return str(relative)

    def model(self, path: str | None, named_by: Named | None, model: type[Model]) -> Model | None:
        """Open a file of the workspace as a model; ``None`` when there is a problem."""
        return self.parsed(self.document(path, named_by), lambda read: validate(read, model))

    def parsed(
        self,
        document: Document | None,
        parse: Callable[[Document], tuple[Value | None, Problems]],
    ) -> Value | None:
        """Parse an open document, and keep the problems."""
        if document is None:
            return None
        value, problems = parse(document)
        self.problems.extend(problems)
        return value

    def refuse(self, named_by: Named | None, file: str, found: str, accepted: str) -> None:
        """Keep a problem: of the key that names the file, or of the file itself."""
        if named_by is not None:
            self.problems.append(named_by.problem(found, accepted))
        else:
            self.problems.append(
                ConfigProblem(file=file, line=0, key="", found=found, accepted=accepted)
            )
