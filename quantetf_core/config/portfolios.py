"""A portfolio with everything it names: one value, or every problem of every file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from quantetf_core.config.catalogue import ModelCatalogue
from quantetf_core.config.chosen import (
    check_asset_classes,
    check_tickers,
    overruled,
    read_strategies,
)
from quantetf_core.config.files import Named, Reading
from quantetf_core.config.folders import shared_folders
from quantetf_core.config.regimes import parse_mapping, parse_thresholds
from quantetf_core.config.schema import (
    ChecksConfig,
    CostConfig,
    PortfolioConfig,
    PortfolioSettings,
    RegimeConfig,
    RegimeMapping,
    Universe,
)
from quantetf_core.config.schema_accepted import AcceptedFindings
from quantetf_core.config.validation import validate
from quantetf_core.config.words import either
from quantetf_core.config.yaml_lines import Document
from quantetf_core.errors import ConfigError, ConfigProblem, did_you_mean

PORTFOLIOS = "configs/portfolios"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def portfolio_names(root: Path) -> tuple[str, ...]:
    """Names of the portfolios of a workspace, sorted: the stems of ``configs/portfolios/*.yaml``.

    A file whose name cannot be a portfolio's is left out here and reported by
    `check_workspace`.
    """
    stems = (path.stem for path in (root / PORTFOLIOS).glob("*.yaml"))
    return tuple(sorted(stem for stem in stems if _NAME.fullmatch(stem)))


def load_portfolio(
    root: Path, name: str, *, models: ModelCatalogue | None = None
) -> PortfolioSettings:
    """Read a portfolio and every file it names.

    Parameters
    ----------
    root
        The workspace, the folder that holds ``configs/``.
    name
        The portfolio: ``configs/portfolios/<name>.yaml``.
    models
        Checks the alpha models' names and parameters; without it only the structure is checked.

    Returns
    -------
    PortfolioSettings
        Its ``texts`` are the files it was read from, sorted by path.

    Raises
    ------
    ConfigError
        With every problem of every file, in the order in which the files name one another.
    """
    reading = Reading(root)
    names = portfolio_names(root)
    if name not in names:
        raise ConfigError([_no_such_portfolio(name, names)])
    settings = read_portfolio(reading, name, models)
    reading.problems.extend(shared_folders(root, names, only=name))
    if reading.problems or settings is None:
        raise ConfigError(tuple(dict.fromkeys(reading.problems)))
    return settings


def _no_such_portfolio(name: str, names: tuple[str, ...]) -> ConfigProblem:
    accepted = either(names) if names else "a file <name>.yaml there; there is none"
    return ConfigProblem(
        file=PORTFOLIOS,
        line=0,
        key="",
        found=f"no portfolio named {name!r}",
        accepted=accepted + did_you_mean(name, names),
    )


def read_portfolio(
    reading: Reading, name: str, models: ModelCatalogue | None
) -> PortfolioSettings | None:
    """Read a portfolio into ``reading``, following what can be followed despite problems.

    ``None`` when any of its parts cannot be read; the problems are in ``reading`` either way.
    """
    document = reading.document(f"{PORTFOLIOS}/{name}.yaml")
    if document is None:
        return None
    config = reading.parsed(document, lambda read: validate(read, PortfolioConfig))
    if isinstance(said := document.at(("name",)), str) and said != name:
        reading.problems.append(document.problem(("name",), repr(said), f"{name!r}, as the file"))
    parts = _read_parts(reading, document)
    folder = named_path(document, "strategies_dir")
    chosen = read_strategies(reading, parts.mapping_document, folder, models)
    for strategy in chosen:
        check_tickers(reading, strategy, parts.universe)
        check_asset_classes(reading, strategy, parts.universe)
    differences = tuple(
        difference
        for strategy in chosen
        for difference in overruled(reading, strategy, config, parts.universe, parts.costs)
    )
    settings = _settings(config, parts)
    if settings is None:
        return None
    return settings.model_copy(
        update={
            "strategies": tuple(strategy.config for strategy in chosen),
            "texts": tuple(sorted(reading.texts.items())),
            "overruled": differences,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """The files a portfolio names, each read as far as it could be."""

    universe: Universe | None
    thresholds: RegimeConfig | None
    mapping: RegimeMapping | None
    mapping_document: Document | None
    checks: ChecksConfig | None
    costs: CostConfig | None
    accepted: AcceptedFindings | None


def _read_parts(reading: Reading, document: Document) -> _Parts:
    def named(key: str) -> tuple[str | None, Named]:
        return named_path(document, key), Named(document, (key,))

    thresholds = reading.document(*named("thresholds"))
    mapping = reading.document(*named("mapping"))
    return _Parts(
        universe=reading.model(*named("universe"), Universe),
        thresholds=reading.parsed(thresholds, parse_thresholds),
        mapping=reading.parsed(mapping, parse_mapping),
        mapping_document=mapping,
        checks=reading.model(*named("checks"), ChecksConfig),
        costs=reading.model(*named("costs"), CostConfig),
        accepted=_read_accepted(reading, *named("accepted_findings")),
    )


def _read_accepted(reading: Reading, path: str | None, named_by: Named) -> AcceptedFindings | None:
    """The accepted findings; a file nobody named need not be there."""
    unnamed = named_by.path not in named_by.document.lines
    if unnamed and path is not None and not (reading.root / path).is_file():
        return AcceptedFindings()
    return reading.model(path, named_by, AcceptedFindings)


def named_path(document: Document, key: str) -> str | None:
    """The file a portfolio names under a key, or the default when the key is not there.

    ``None`` when what stands there is no text, which is a problem of its own.
    """
    if (key,) not in document.lines:
        default = PortfolioConfig.model_fields[key].default
        return default if isinstance(default, str) else None
    value = document.at((key,))
    return value if isinstance(value, str) else None


def _settings(config: PortfolioConfig | None, parts: _Parts) -> PortfolioSettings | None:
    """The settings without strategies, or ``None`` when a part is missing."""
    if config is None or parts.universe is None or parts.thresholds is None:
        return None
    if parts.mapping is None or parts.checks is None or parts.costs is None:
        return None
    if parts.accepted is None:
        return None
    return PortfolioSettings(
        config=config,
        universe=parts.universe,
        thresholds=parts.thresholds,
        mapping=parts.mapping,
        strategies=(),
        checks=parts.checks,
        costs=parts.costs,
        texts=(),
        accepted=parts.accepted.accepted,
    )
