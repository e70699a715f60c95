"""`AlphaFactory`: every alpha model by name, one's own and third parties' included."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, ClassVar, TypeVar

from quantetf_core.alpha.base import AlphaModel
from quantetf_core.alpha.parameters import RULE, problem
from quantetf_core.config.catalogue import ParameterProblem
from quantetf_core.errors import InvalidValueError, did_you_mean

ENTRY_POINTS = "quantetf.alpha_models"
"""Entry-point group in which an installed package names its models: ``name = "module:Class"``."""

M = TypeVar("M", bound=type[AlphaModel])


@functools.cache
def _installed() -> tuple[EntryPoint, ...]:
    """Models that installed packages offer; none of them is imported by this."""
    return tuple(entry_points(group=ENTRY_POINTS))


class AlphaFactory:
    """Creates alpha models by name, and says which there are and what they accept.

    Register a model of one's own with the decorator, above the dataclass::

        @AlphaFactory.register("low_price")
        @dataclass(frozen=True, slots=True, kw_only=True)
        class LowPrice(AlphaModel):
            ...

    or from an installed package, by an entry point of the group ``quantetf.alpha_models``; it is
    imported when its name is first asked for.

    Examples
    --------
    >>> from quantetf_core.alpha import AlphaFactory
    >>> model = AlphaFactory.create(model_type="momentum", params={"skip_recent_days": 21})
    >>> model.lookback_days, model.skip_recent_days
    (252, 21)
    """

    _models: ClassVar[dict[str, type[AlphaModel]]] = {}

    @classmethod
    def register(cls, name: str) -> Callable[[M], M]:
        """A decorator that makes a model known by a name.

        Raises
        ------
        InvalidValueError
            When the name is taken by another model, or the class is not a dataclass derived from
            `AlphaModel`.
        """

        def add(model: M) -> M:
            if not (issubclass(model, AlphaModel) and is_dataclass(model)):
                raise InvalidValueError(name, model, "a dataclass derived from AlphaModel")
            if cls._models.get(name, model) is not model:
                raise InvalidValueError("name", name, "a name that no other alpha model has")
            cls._models[name] = model
            return model

        return add

    @classmethod
    def create(cls, model_type: str, params: Mapping[str, Any] | None = None) -> AlphaModel:
        """The model of a name, with parameters; those not given have their defaults.

        Raises
        ------
        InvalidValueError
            When the model or a parameter is unknown, or a value is not accepted.
        """
        model = cls._find(model_type)
        given = _mapping(params)
        for name, value in given.items():
            if name not in _parameters(model):
                raise InvalidValueError(str(name), value, _known(model_type, model, name))
        return model(**given)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of all models, sorted; those of installed packages without importing them.

        Raises
        ------
        InvalidValueError
            When two models claim one name.
        """
        offered = {name: f"{m.__module__}:{m.__qualname__}" for name, m in cls._models.items()}
        for entry in _installed():
            if offered.setdefault(entry.name, entry.value) != entry.value:
                raise InvalidValueError(
                    ENTRY_POINTS, f"{entry.name} = {entry.value}", "a name no other model has"
                )
        return tuple(sorted(offered))

    @classmethod
    def parameters(cls, model_type: str) -> dict[str, Any]:
        """Parameter → default, in the order of the model; None for one that must be given."""
        known = _parameters(cls._find(model_type))
        return {
            name: None if spec.default is MISSING else spec.default for name, spec in known.items()
        }

    @classmethod
    def describe(cls, model_type: str) -> str:
        """What a model prefers, in one line: the first of its docstring."""
        return (cls._find(model_type).__doc__ or "").strip().partition("\n")[0]

    @classmethod
    def problems(
        cls, model_type: str, parameters: Mapping[str, Any]
    ) -> tuple[ParameterProblem, ...]:
        """Everything wrong with a model's configuration, at once; empty when `create` would do.

        Paths are relative to ``parameters``; the empty path is the model's name itself, or
        parameters that are not a mapping.
        """
        try:
            model, given = cls._find(model_type), _mapping(parameters)
        except InvalidValueError as error:
            return (problem((), error),)
        known, found = _parameters(model), []
        for name, value in given.items():
            spec = known.get(name)
            if spec is None:
                unknown = InvalidValueError(str(name), value, _known(model_type, model, name))
                found.append(problem((str(name),), unknown))
            elif rule := spec.metadata.get(RULE):
                found.extend(rule.problems((name,), value))
        return tuple(found) or _problem_together(model, given)

    @classmethod
    def _find(cls, model_type: str) -> type[AlphaModel]:
        if isinstance(model_type, str) and model_type in cls._models:
            return cls._models[model_type]
        for entry in _installed():
            if entry.name == model_type:
                return cls.register(entry.name)(_load(entry))
        names = cls.names()
        raise InvalidValueError(
            "alpha_model", model_type, ", ".join(names) + did_you_mean(str(model_type), names)
        )


def _load(entry: EntryPoint) -> type[AlphaModel]:
    try:
        model: type[AlphaModel] = entry.load()
    except (ImportError, AttributeError) as error:
        raise InvalidValueError(
            "alpha_model", entry.name, f"an installed model; {entry.value} fails with: {error}"
        ) from error
    return model


def _mapping(parameters: Any) -> Mapping[str, Any]:
    if parameters is not None and not isinstance(parameters, Mapping):
        raise InvalidValueError("parameters", parameters, "a mapping from parameter to value")
    return parameters or {}


def _parameters(model: type[AlphaModel]) -> dict[str, Field[Any]]:
    return {spec.name: spec for spec in fields(model) if spec.init}


def _known(model_type: str, model: type[AlphaModel], name: object) -> str:
    names = list(_parameters(model))
    return f"the parameters of {model_type}: {', '.join(names)}{did_you_mean(str(name), names)}"


def _problem_together(
    model: type[AlphaModel], given: Mapping[str, Any]
) -> tuple[ParameterProblem, ...]:
    """Parameters that are right alone but not together, or that must be given and are not."""
    needed = [
        name
        for name, spec in _parameters(model).items()
        if name not in given and spec.default is MISSING and spec.default_factory is MISSING
    ]
    if needed:
        missing = ParameterProblem(key_path=(needed[0],), found="nothing", accepted="a value")
        return (missing,)
    try:
        model(**given)
    except InvalidValueError as error:
        return (problem((error.parameter,), error),)
    return ()
