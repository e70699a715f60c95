"""Configuration files as values; everything wrong with a file in one `ConfigError`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import TypeVar

from quantetf_core.config.catalogue import ModelCatalogue
from quantetf_core.config.files import Problems, label, read_document
from quantetf_core.config.regimes import parse_mapping, parse_thresholds
from quantetf_core.config.schema import REGIMES, RegimeConfig, RegimeMapping, StrategyConfig
from quantetf_core.config.strategies import parse_strategy
from quantetf_core.config.yaml_lines import Document
from quantetf_core.errors import ConfigError, InvalidValueError

Value = TypeVar("Value")

THRESHOLDS = "configs/regimes/thresholds.yaml"
MAPPING = "configs/regimes/default_mapping.yaml"


def load_thresholds(path: str | PathLike[str] | None = None) -> RegimeConfig:
    """Read the thresholds of the regime rules.

    Parameters
    ----------
    path
        ``configs/regimes/thresholds.yaml`` in the current folder when ``None``.

    Raises
    ------
    ConfigError
        With every problem of the file.
    """
    return _load(THRESHOLDS if path is None else path, parse_thresholds)


def load_mapping(path: str | PathLike[str] | None = None) -> RegimeMapping:
    """Read which strategy each regime calls for, as a value.

    Parameters
    ----------
    path
        ``configs/regimes/default_mapping.yaml`` in the current folder when ``None``.

    Raises
    ------
    ConfigError
        With every problem of the file.
    """
    return _load(MAPPING if path is None else path, parse_mapping)


def load_regime_mapping(path: str | PathLike[str] | None = None) -> dict[str, dict[str, str]]:
    """Read which strategy each regime calls for, as plain dictionaries.

    Parameters
    ----------
    path
        ``configs/regimes/default_mapping.yaml`` in the current folder when ``None``.

    Returns
    -------
    dict
        The four regimes and ``fallback``, each with ``strategy``, ``config_path`` and
        ``rationale``.

    Raises
    ------
    ConfigError
        With every problem of the file.
    """
    mapping = load_mapping(path)
    return {name: getattr(mapping, name).model_dump() for name in (*REGIMES, "fallback")}


def get_strategy_for_regime(
    regime_name: str, mapping: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, str]:
    """The entry of a regime, or ``fallback`` for a name that is not one of the four.

    Parameters
    ----------
    regime_name
        E.g. ``uptrend_low_vol``; ``unknown`` and anything else means the fallback.
    mapping
        As `load_regime_mapping` returns it, and read by it when ``None``.

    Raises
    ------
    InvalidValueError
        When the mapping lacks the entry: a regime is never answered with another's strategy.
    """
    entries = load_regime_mapping() if mapping is None else mapping
    wanted = regime_name if regime_name in REGIMES else "fallback"
    if wanted not in entries:
        raise InvalidValueError("mapping", sorted(entries), f"a mapping with the entry {wanted!r}")
    return dict(entries[wanted])


def load_strategy(
    path: str | PathLike[str], *, models: ModelCatalogue | None = None
) -> StrategyConfig:
    """Read one strategy file, in either layout.

    Parameters
    ----------
    path
        The file; the strategy's ``path`` is this, with forward slashes, and its name the file's
        stem unless the file says another.
    models
        Checks the alpha model's name and parameters; without it only the structure is checked.

    Raises
    ------
    ConfigError
        With every problem of the file.
    """
    shown = Path(path).as_posix()
    return _load(path, lambda document: parse_strategy(document, shown, models))


def _load(
    path: str | PathLike[str], parse: Callable[[Document], tuple[Value | None, Problems]]
) -> Value:
    file = Path(path)
    document, problems = read_document(file, label(file, Path()))
    value = None
    if document is not None:
        value, more = parse(document)
        problems += more
    if problems or value is None:
        raise ConfigError(problems)
    return value
