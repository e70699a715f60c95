"""Strategy files, flat or nested: two layouts with the same meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from quantetf_core.config.catalogue import ModelCatalogue
from quantetf_core.config.schema_overlays import Overlays
from quantetf_core.config.schema_strategies import (
    ConstructionConfig,
    Exposure,
    StrategyConfig,
    TopN,
    WeightBounds,
    Weighting,
    check_class_room,
    check_room,
)
from quantetf_core.config.schema_weighting import OptimizerConfig
from quantetf_core.config.strict import Name, StrictModel, broken_rule
from quantetf_core.config.validation import validate
from quantetf_core.config.words import either, show
from quantetf_core.config.yaml_lines import Document, KeyPath
from quantetf_core.encoding import canonical_json
from quantetf_core.errors import ConfigProblem, did_you_mean

Problems = tuple[ConfigProblem, ...]
Tickers = Annotated[tuple[Name, ...], Field(min_length=1, strict=False)]

_WEIGHTINGS: Mapping[str, Literal["equal", "score", "inverse_vol"]] = {
    "equal_weight_top_n": "equal",
    "score_weight_top_n": "score",
    "inverse_vol_top_n": "inverse_vol",
}


class _Described(StrictModel):
    """What both layouts may say beside the model and the construction."""

    name: Name | None = None
    description: str = ""
    tickers: Tickers | None = None
    universe: str | None = None
    schedule: str | None = None
    cost_model: str | None = None
    overlays: Overlays = ()

    @model_validator(mode="after")
    def _each_ticker_once(self) -> _Described:
        tickers = self.tickers or ()
        for position, ticker in enumerate(tickers):
            if ticker in tickers[:position]:
                raise broken_rule("each ticker once", "tickers", position)
        return self


class _FlatFile(Exposure, WeightBounds, _Described):
    """``alpha_model: <name>``, ``parameters: {…}``, and the construction beside them."""

    alpha_model: Name
    parameters: dict[str, Any] | None = None
    top_n: TopN
    weighting: Weighting = "equal"

    @model_validator(mode="after")
    def _construction_is_possible(self) -> _FlatFile:
        check_room(self.min_weight, self.top_n, "min_weight")
        return self


class _FlatOptimizedFile(Exposure, WeightBounds, _Described):
    """The flat layout whose ``weighting`` is an optimizer; ``top_n`` may be left out."""

    alpha_model: Name
    parameters: dict[str, Any] | None = None
    top_n: TopN | None = None
    weighting: OptimizerConfig

    @model_validator(mode="after")
    def _construction_is_possible(self) -> _FlatOptimizedFile:
        check_room(self.min_weight, self.top_n, "min_weight")
        check_class_room(self.weighting, self, self.max_weight, self.top_n)
        return self


class _AlphaBlock(StrictModel):
    """``type`` and the parameters, inline or under ``parameters``."""

    model_config = ConfigDict(extra="allow")

    type: Name
    parameters: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _parameters_stand_in_one_place(self) -> _AlphaBlock:
        inline = self.model_extra or {}
        if self.parameters is not None and inline:
            raise broken_rule("every parameter under `parameters`, or none", next(iter(inline)))
        return self


class _ConstructionBlock(Exposure):
    """``type`` says the weighting; the bounds stand under ``constraints``."""

    type: Literal["equal_weight_top_n", "score_weight_top_n", "inverse_vol_top_n", "optimized"]
    top_n: TopN
    constraints: WeightBounds = WeightBounds()

    @model_validator(mode="after")
    def _construction_is_possible(self) -> _ConstructionBlock:
        check_room(self.constraints.min_weight, self.top_n, "constraints", "min_weight")
        return self


class _OptimizedBlock(Exposure):
    """``type: optimized``, and the optimizer under ``weighting``; ``top_n`` may be left out."""

    type: Literal["optimized"]
    weighting: OptimizerConfig
    top_n: TopN | None = None
    constraints: WeightBounds = WeightBounds()

    @model_validator(mode="after")
    def _construction_is_possible(self) -> _OptimizedBlock:
        bounds = self.constraints
        check_room(bounds.min_weight, self.top_n, "constraints", "min_weight")
        check_class_room(self.weighting, self, bounds.max_weight, self.top_n)
        return self


class _NestedFile(_Described):
    """``alpha_model: {type: …}`` and ``portfolio_construction: {type: …}``."""

    alpha_model: _AlphaBlock
    portfolio_construction: _ConstructionBlock


class _NestedOptimizedFile(_Described):
    """The nested layout whose construction is an optimizer."""

    alpha_model: _AlphaBlock
    portfolio_construction: _OptimizedBlock


@dataclass(frozen=True, slots=True)
class _Said:
    """A strategy as its file says it, and where its model and parameters stand."""

    described: _Described
    construction: ConstructionConfig
    alpha_model: str
    parameters: dict[str, Any]
    model_at: KeyPath
    parameters_at: KeyPath


def parse_strategy(
    document: Document, path: str, models: ModelCatalogue | None = None
) -> tuple[StrategyConfig | None, Problems]:
    """Read a strategy from an open document.

    Parameters
    ----------
    document
        The content of the file, in either layout.
    path
        What the strategy's ``path`` shall be; its stem is the default of ``name``.
    models
        Checks the alpha model's name and parameters; without it only the structure is checked.

    Returns
    -------
    StrategyConfig or None
        ``None`` when there is any problem.
    tuple of ConfigProblem
        All of them.
    """
    said, problems = _nested(document) if _is_nested(document) else _flat(document)
    if said is None:
        return None, problems
    if models is not None and (wrong := _model_problems(document, said, models)):
        return None, wrong
    return StrategyConfig(
        name=said.described.name or PurePosixPath(path).stem,
        description=said.described.description,
        alpha_model=said.alpha_model,
        parameters_json=canonical_json(said.parameters).decode(),
        construction=said.construction,
        tickers=said.described.tickers,
        universe=said.described.universe,
        schedule=said.described.schedule,
        cost_model=said.described.cost_model,
        overlays=said.described.overlays,
        path=path,
    ), ()


def _is_nested(document: Document) -> bool:
    alpha_model = document.at(("alpha_model",))
    return ("portfolio_construction",) in document.lines or isinstance(alpha_model, dict)


def _flat(document: Document) -> tuple[_Said | None, Problems]:
    optimized = isinstance(document.at(("weighting",)), dict)
    shape: type[_FlatFile | _FlatOptimizedFile] = _FlatOptimizedFile if optimized else _FlatFile
    file, problems = validate(document, shape)
    if file is None:
        return None, problems
    said = _Said(
        described=file,
        construction=ConstructionConfig(weighting=file.weighting, **_shared(file, file)),
        alpha_model=file.alpha_model,
        parameters=dict(file.parameters or {}),
        model_at=("alpha_model",),
        parameters_at=("parameters",),
    )
    return said, ()


def _nested(document: Document) -> tuple[_Said | None, Problems]:
    at = ("portfolio_construction",)
    optimized = document.at((*at, "type")) == "optimized" or (*at, "weighting") in document.lines
    shape: type[_NestedFile | _NestedOptimizedFile]
    shape = _NestedOptimizedFile if optimized else _NestedFile
    file, problems = validate(document, shape)
    if file is None:
        return None, problems
    block, alpha = file.portfolio_construction, file.alpha_model
    grouped = alpha.parameters is not None
    weighting = (
        _WEIGHTINGS[block.type] if isinstance(block, _ConstructionBlock) else block.weighting
    )
    said = _Said(
        described=file,
        construction=ConstructionConfig(weighting=weighting, **_shared(block, block.constraints)),
        alpha_model=alpha.type,
        parameters=dict(alpha.model_extra or {} if alpha.parameters is None else alpha.parameters),
        model_at=("alpha_model", "type"),
        parameters_at=("alpha_model", "parameters") if grouped else ("alpha_model",),
    )
    return said, ()


def _shared(
    block: _FlatFile | _FlatOptimizedFile | _ConstructionBlock | _OptimizedBlock,
    bounds: WeightBounds,
) -> dict[str, Any]:
    """What both layouts say of the construction beside the weighting."""
    return {
        "top_n": block.top_n,
        **{key: getattr(bounds, key) for key in WeightBounds.model_fields},
        **{key: getattr(block, key) for key in Exposure.model_fields},
    }


def _model_problems(document: Document, said: _Said, models: ModelCatalogue) -> Problems:
    """What the catalogue has against the model's name or parameters, with lines."""
    names = models.names()
    if said.alpha_model not in names:
        accepted = either(sorted(names)) + did_you_mean(said.alpha_model, names)
        return (document.problem(said.model_at, repr(said.alpha_model), accepted),)
    return tuple(
        _placed(document, said, problem.key_path, problem.found, problem.accepted)
        for problem in models.problems(said.alpha_model, said.parameters)
    )


def _placed(
    document: Document, said: _Said, key: KeyPath, found: str, accepted: str
) -> ConfigProblem:
    """A parameter's problem at its own line, or at the model's when the file has none for it."""
    at = (*said.parameters_at, *key)
    words = show(document.at(at)) if at in document.lines else found
    problem = document.problem(at, words, accepted)
    if said.parameters_at in document.lines:
        return problem
    return ConfigProblem(
        file=problem.file,
        line=document.line(said.model_at),
        key=problem.key,
        found=words,
        accepted=accepted,
    )
