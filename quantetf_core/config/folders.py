"""The folders portfolios write to: inside the workspace, and each portfolio's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from quantetf_core.config.files import INSIDE, inside, read_document
from quantetf_core.config.yaml_lines import Document
from quantetf_core.errors import ConfigProblem

_KEYS = ("artifacts_dir", "state_dir")


@dataclass(frozen=True, slots=True)
class _Folder:
    """One folder a portfolio writes to, and where its file says so."""

    portfolio: str
    document: Document
    key: str
    path: PurePosixPath

    @property
    def simulated(self) -> bool:
        return bool(self.document.at(("source", "type")) == "sample")

    def overlaps(self, other: _Folder) -> bool:
        """Whether one is the other or lies inside it, on any file system."""
        mine = tuple(part.casefold() for part in self.path.parts)
        yours = tuple(part.casefold() for part in other.path.parts)
        shorter = min(len(mine), len(yours))
        return mine[:shorter] == yours[:shorter]


def shared_folders(
    root: Path, names: Sequence[str], *, only: str | None = None
) -> tuple[ConfigProblem, ...]:
    """Folders outside the workspace, among the configuration, or written to by two.

    Parameters
    ----------
    root
        The workspace.
    names
        Its portfolios.
    only
        Report what concerns this portfolio alone.

    Returns
    -------
    tuple of ConfigProblem
        At the later of two portfolios that share, or at ``only``. A portfolio whose file cannot
        be read is passed over: that is reported where the file is loaded.
    """
    problems: list[ConfigProblem] = []
    folders: list[_Folder] = []
    for name in names:
        for folder in _folders(root, name, problems if only in (None, name) else []):
            folders.append(folder)
    for position, folder in enumerate(folders):
        if only not in (None, folder.portfolio):
            continue
        later = [] if only is None else folders[position + 1 :]
        others = folders[:position] + [one for one in later if one.portfolio != only]
        problems += [_shared(folder, other) for other in others if folder.overlaps(other)]
    return tuple(problems)


def _folders(root: Path, name: str, problems: list[ConfigProblem]) -> Iterator[_Folder]:
    """The folders of one portfolio; one it may not write to is a problem."""
    file = f"configs/portfolios/{name}.yaml"
    document, _ = read_document(root / file, file)
    for key in _KEYS if document is not None else ():
        assert document is not None
        said = document.at((key,))
        if not isinstance(said, str):
            continue
        path = inside(said)
        if path is None or path.parts[0].casefold() == "configs":
            accepted = f"{INSIDE}, and not in configs/"
            problems.append(document.problem((key,), repr(said), accepted))
        else:
            yield _Folder(name, document, key, path)


def _shared(folder: _Folder, other: _Folder) -> ConfigProblem:
    where = f"{other.document.file}:{other.document.line((other.key,))}"
    found = f"{str(folder.path)!r}, which overlaps {str(other.path)!r} ({other.key} in {where})"
    accepted = "a folder that nothing else is written to"
    if folder.simulated != other.simulated:
        accepted += "; simulated and real decisions never share one"
    return folder.document.problem((folder.key,), found, accepted)
