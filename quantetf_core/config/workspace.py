"""Every configuration file of a workspace, checked at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from quantetf_core.config.catalogue import ModelCatalogue
from quantetf_core.config.chosen import read_strategies
from quantetf_core.config.files import Reading
from quantetf_core.config.folders import shared_folders
from quantetf_core.config.portfolios import PORTFOLIOS, portfolio_names, read_portfolio
from quantetf_core.config.regimes import parse_mapping, parse_thresholds
from quantetf_core.config.schema import ChecksConfig, CostConfig, ScheduleConfig, Universe
from quantetf_core.config.schema_accepted import ACCEPTED_FINDINGS, AcceptedFindings
from quantetf_core.config.strategies import parse_strategy
from quantetf_core.config.strict import StrictModel
from quantetf_core.config.validation import validate
from quantetf_core.config.yaml_lines import Document
from quantetf_core.errors import ConfigProblem

_SHAPES: Mapping[str, type[StrictModel]] = {
    "configs/universes": Universe,
    "configs/costs": CostConfig,
    "configs/schedules": ScheduleConfig,
}
_STRATEGIES = "configs/strategies"
_REGIMES = "configs/regimes"


def check_workspace(
    root: Path, *, models: ModelCatalogue | None = None
) -> tuple[ConfigProblem, ...]:
    """Everything wrong under ``configs/``, sorted by file and line; empty when all is well.

    Beside what `load_portfolio` finds in each portfolio: files no portfolio uses, two strategies
    of one name, two portfolios that write to one folder, files whose names hide them.

    Parameters
    ----------
    root
        The workspace, the folder that holds ``configs/``.
    models
        Checks the alpha models' names and parameters; without it only the structure is checked.
    """
    reading = Reading(root)
    folder = root / "configs"
    if not folder.is_dir():
        reading.refuse(None, "configs", "no such folder", "a folder with configuration files")
        return tuple(reading.problems)
    names = portfolio_names(root)
    for name in names:
        read_portfolio(reading, name, models)
    reading.problems += shared_folders(root, names)
    named: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(root).as_posix()
        if path.suffix == ".yaml" and path.is_file():
            _check_file(reading, relative, models, named)
        elif path.suffix == ".yml":
            reading.refuse(None, relative, "a name ending in .yml", "a name ending in .yaml")
    problems = dict.fromkeys(reading.problems)
    return tuple(sorted(problems, key=lambda problem: (problem.file, problem.line, problem.key)))


def _check_file(
    reading: Reading, file: str, models: ModelCatalogue | None, named: dict[str, str]
) -> None:
    """Check one file as what its folder says it is; elsewhere, only that it is YAML."""
    folder = str(PurePosixPath(file).parent)
    document = reading.document(file)
    if document is None:
        return
    if folder == PORTFOLIOS:
        _check_portfolio_name(reading, file)
    elif folder == _REGIMES:
        _check_regimes(reading, document, models)
    elif folder == _STRATEGIES:
        _check_strategy(reading, document, models, named)
    elif folder in _SHAPES:
        shape = _SHAPES[folder]
        reading.parsed(document, lambda read: validate(read, shape))
    elif file == "configs/checks.yaml":
        reading.parsed(document, lambda read: validate(read, ChecksConfig))
    elif file == ACCEPTED_FINDINGS:
        reading.parsed(document, lambda read: validate(read, AcceptedFindings))


def _check_portfolio_name(reading: Reading, file: str) -> None:
    stem = PurePosixPath(file).stem
    if stem not in portfolio_names(reading.root):
        accepted = "at most 40 lower-case letters, digits, - and _"
        reading.refuse(None, file, f"the file name {stem!r}", accepted)


def _check_regimes(reading: Reading, document: Document, models: ModelCatalogue | None) -> None:
    """Thresholds are known by their keys; anything else here is a mapping."""
    if ("trend",) in document.lines or ("volatility",) in document.lines:
        reading.parsed(document, parse_thresholds)
        return
    reading.parsed(document, parse_mapping)
    read_strategies(reading, document, None, models)


def _check_strategy(
    reading: Reading,
    document: Document,
    models: ModelCatalogue | None,
    named: dict[str, str],
) -> None:
    strategy = reading.parsed(document, lambda read: parse_strategy(read, document.file, models))
    if strategy is None:
        return
    first = named.setdefault(strategy.name, document.file)
    if first != document.file:
        found = f"{strategy.name!r}, which is also the name of {first}"
        reading.problems.append(document.problem(("name",), found, "a name of its own"))
