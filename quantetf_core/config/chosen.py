"""The strategies a mapping names, and what they must agree on with the portfolio using them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from quantetf_core.config.catalogue import ModelCatalogue
from quantetf_core.config.files import Named, Reading, inside
from quantetf_core.config.regimes import entry_path
from quantetf_core.config.schema import (
    REGIMES,
    CostConfig,
    Overruled,
    PortfolioConfig,
    ScheduleConfig,
    StrategyConfig,
    Universe,
)
from quantetf_core.config.strategies import parse_strategy
from quantetf_core.config.words import either
from quantetf_core.config.yaml_lines import Document, KeyPath
from quantetf_core.errors import did_you_mean


@dataclass(frozen=True, slots=True)
class Chosen:
    """A strategy and the file it was read from."""

    config: StrategyConfig
    document: Document


def read_strategies(
    reading: Reading,
    mapping: Document | None,
    folder: str | None,
    models: ModelCatalogue | None,
) -> tuple[Chosen, ...]:
    """Read every strategy that a mapping names, sorted by path.

    The mapping is followed as written, so that a mistake in one entry hides none in the file
    another entry names. A file outside ``folder``, the portfolio's strategies, is a problem.
    """
    chosen: dict[str, Chosen] = {}
    for at, path in _named_files(mapping):
        assert mapping is not None
        named_by = Named(mapping, (*at, "config_path"))
        if not _stands_in(folder, path):
            reading.problems.append(named_by.problem(repr(path), f"a file in {folder}"))
            continue
        if path not in chosen:
            document = reading.document(path, named_by)
            strategy = reading.parsed(document, lambda read: parse_strategy(read, path, models))  # noqa: B023
            if document is None or strategy is None:
                continue
            chosen[path] = Chosen(strategy, document)
        _check_name(reading, mapping, at, chosen[path].config)
    return tuple(chosen[path] for path in sorted(chosen))


def _named_files(mapping: Document | None) -> Iterator[tuple[KeyPath, str]]:
    """Every entry of a mapping that names a file: where it stands, and the file."""
    for regime in (*REGIMES, "fallback") if mapping is not None else ():
        assert mapping is not None
        at = entry_path(mapping, regime)
        path = mapping.at((*at, "config_path"))
        if isinstance(path, str):
            yield at, path


def _stands_in(folder: str | None, path: str) -> bool:
    """Whether a file lies in a folder; a path that leaves the workspace is judged elsewhere."""
    file, within = inside(path), inside(folder) if folder is not None else None
    return file is None or within is None or within in file.parents


def _check_name(reading: Reading, mapping: Document, at: KeyPath, strategy: StrategyConfig) -> None:
    """A mapping's name for a strategy is the strategy's own, or its file's."""
    said = mapping.at((*at, "strategy"))
    names = (strategy.name, PurePosixPath(strategy.path).stem)
    if isinstance(said, str) and said not in names:
        accepted = f"{strategy.name!r}, the name in {strategy.path}"
        reading.problems.append(mapping.problem((*at, "strategy"), repr(said), accepted))


def check_tickers(reading: Reading, strategy: Chosen, universe: Universe | None) -> None:
    """Report each ticker a strategy may hold that the portfolio's universe does not have.

    Those are its ``tickers``, and every list in its file whose name ends in ``_tickers``
    (``safe_tickers``, ``defensive_tickers``): what a model falls back on must be there before the
    day it is needed.
    """
    if universe is None:
        return
    for path, ticker in _held_tickers(strategy.document.value, ()):
        if ticker not in universe.symbols:
            accepted = f"a ticker of the universe {universe.name!r}"
            hint = did_you_mean(ticker, universe.symbols)
            reading.problems.append(strategy.document.problem(path, repr(ticker), accepted + hint))


def check_asset_classes(reading: Reading, strategy: Chosen, universe: Universe | None) -> None:
    """Report each limit of an asset class that the portfolio's universe cannot keep.

    Either no such class is there, or too few of the tickers the strategy may hold are of it for
    the least weight of the class.
    """
    made = strategy.config.construction
    if universe is None or made.optimizer is None:
        return
    classes = universe.asset_classes
    held = strategy.config.tickers or universe.symbols
    at = _limits_at(strategy.document)
    for name, limit in made.optimizer.asset_class_limits.items():
        if name not in classes.values():
            known = sorted(set(classes.values()))
            accepted = f"an asset class of the universe {universe.name!r}: {either(known)}"
            hint = did_you_mean(name, known)
            reading.problems.append(
                strategy.document.problem((*at, name), repr(name), accepted + hint)
            )
            continue
        most = made.max_weight * sum(classes.get(ticker) == name for ticker in held)
        if limit.min > most * (1.0 + 1e-9):
            accepted = f"at most {most:g}, what the tickers of {name!r} may hold together"
            problem = strategy.document.problem((*at, name, "min"), f"{limit.min:g}", accepted)
            reading.problems.append(problem)


def _limits_at(document: Document) -> KeyPath:
    """Where a strategy's file, in either layout, has its limits of asset classes."""
    at: KeyPath = ("weighting", "asset_class_limits")
    return at if at in document.lines else ("portfolio_construction", *at)


def _held_tickers(value: object, at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Every ticker in a list called ``tickers`` or ``…_tickers``, and where it stands."""
    name = str(at[-1]) if at else ""
    for key, item in _items(value):
        if isinstance(item, str) and (name == "tickers" or name.endswith("_tickers")):
            yield (*at, key), item
        else:
            yield from _held_tickers(item, (*at, key))


def _items(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def overruled(
    reading: Reading,
    strategy: Chosen,
    config: PortfolioConfig | None,
    universe: Universe | None,
    costs: CostConfig | None,
) -> tuple[Overruled, ...]:
    """The strategy's universe, schedule and costs where the portfolio's say something else.

    Contents are compared, not paths: another file that says the same is no difference.
    """
    said, document = strategy.config, strategy.document
    asked_universe = reading.model(said.universe, Named(document, ("universe",)), Universe)
    asked_schedule = reading.model(said.schedule, Named(document, ("schedule",)), ScheduleConfig)
    asked_costs = reading.model(said.cost_model, Named(document, ("cost_model",)), CostConfig)
    if config is None or universe is None or costs is None:
        return ()
    differences = []
    if asked_universe is not None and asked_universe.symbols != universe.symbols:
        differences.append(("universe", said.universe, config.universe))
    if asked_schedule is not None and asked_schedule != config.schedule:
        used = f"{config.schedule.frequency}, {config.schedule.anchor} session"
        differences.append(("schedule", said.schedule, used))
    if asked_costs is not None and asked_costs.cost_bps != costs.cost_bps:
        differences.append(("cost_model", said.cost_model, config.costs))
    return tuple(
        Overruled.model_validate({"strategy": said.path, "key": key, "named": named, "used": used})
        for key, named, used in differences
    )
