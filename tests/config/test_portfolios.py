from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quantetf_core.config import (
    ACCEPTED_FINDINGS,
    FilesSource,
    Overruled,
    PortfolioSettings,
    ScheduleConfig,
    load_portfolio,
    load_strategy,
    portfolio_names,
)
from quantetf_core.errors import ConfigError, ConfigProblem

Edit = Callable[[str, str, str], int]
PORTFOLIO = "configs/portfolios/sample.yaml"
FILES = "configs/portfolios/files_example.yaml"
MAPPING = "configs/regimes/default_mapping.yaml"
UNIVERSE = "configs/universes/sample.yaml"
CAUTIOUS = "configs/strategies/cautious.yaml"
DEFENSIVE = "configs/strategies/defensive.yaml"


def problems_of(root: Path, name: str = "sample") -> list[ConfigProblem]:
    with pytest.raises(ConfigError) as caught:
        load_portfolio(root, name)
    return list(caught.value.problems)


def only_problem(root: Path, name: str = "sample") -> tuple[str, int, str, str, str]:
    (problem,) = problems_of(root, name)
    return problem.file, problem.line, problem.key, problem.found, problem.accepted


def test_a_portfolio_is_one_value_with_everything_it_names(workspace: Path) -> None:
    settings = load_portfolio(workspace, "sample")
    assert isinstance(settings, PortfolioSettings)
    assert settings.config.name == "sample"
    assert len(settings.universe.symbols) == 20
    assert {entry.config_path for entry in vars(settings.mapping).values()} == {
        strategy.path for strategy in settings.strategies
    }
    entry, strategy = settings.strategy_for("downtrend_high_vol")
    assert entry.strategy == strategy.name == "defensive"
    assert settings.strategy_for("unknown")[0] == settings.mapping.fallback
    assert settings.overruled == ()
    assert load_portfolio(workspace, "sample") == settings
    hash(settings)


def test_the_texts_are_every_file_used_and_no_other(workspace: Path) -> None:
    settings = load_portfolio(workspace, "sample")
    paths = [path for path, _ in settings.texts]
    assert paths == sorted(
        {
            ACCEPTED_FINDINGS,
            PORTFOLIO,
            UNIVERSE,
            MAPPING,
            "configs/regimes/thresholds.yaml",
            "configs/checks.yaml",
            "configs/costs/default.yaml",
            *(strategy.path for strategy in settings.strategies),
        }
    )
    for path, text in settings.texts:
        assert text == (workspace / path).read_text("utf-8")


def test_portfolios_are_named_by_their_files(workspace: Path) -> None:
    (workspace / "configs/portfolios/Not a name.yaml").write_text("", "utf-8")
    names = ("files_example", "live_example", "paper_example", "sample")
    assert portfolio_names(workspace) == names
    assert portfolio_names(workspace / "nowhere") == ()


@pytest.mark.parametrize("name", ["sampel", "../sample", "", "/etc/passwd", "sample\0"])
def test_an_unknown_portfolio_is_answered_with_those_there_are(workspace: Path, name: str) -> None:
    file, line, key, found, accepted = only_problem(workspace, name)
    assert (file, line, key) == ("configs/portfolios", 0, "")
    assert found == f"no portfolio named {name!r}"
    assert accepted.startswith("files_example, live_example, paper_example or sample")
    if name == "sampel":
        assert accepted.endswith("did you mean 'sample'?")


def test_a_workspace_without_portfolios_says_so(tmp_path: Path) -> None:
    assert "there is none" in only_problem(tmp_path)[4]


def test_the_files_example_loads_although_its_files_are_absent(workspace: Path) -> None:
    config = load_portfolio(workspace, "files_example").config
    assert config.clock == "replay"
    assert isinstance(config.source, FilesSource)
    assert not any((workspace / path).exists() for path in config.source.paths)


@pytest.mark.parametrize("path", ["../prices.parquet", "/data/prices.parquet"])
def test_price_files_may_stand_anywhere(edit: Edit, workspace: Path, path: str) -> None:
    edit(FILES, "data/files/etf_prices.parquet", path)
    source = load_portfolio(workspace, "files_example").config.source
    assert isinstance(source, FilesSource)
    assert source.paths == (path,)


def test_off_is_a_word_and_not_a_boolean(edit: Edit, workspace: Path) -> None:
    edit("configs/checks.yaml", "action: warn", "action: off")  # in the comment
    edit("configs/checks.yaml", "freshness:", "fresh_ness:")
    assert problems_of(workspace)
    edit("configs/checks.yaml", "fresh_ness:", "freshness:")
    edit("configs/checks.yaml", "  action: block\n  max_age", "  action: off\n  max_age")
    assert load_portfolio(workspace, "sample").checks.freshness.action == "off"


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "found", "accepted"),
    [
        (PORTFOLIO, "name: sample", "name: other", "name", "'other'", "'sample', as the file"),
        (
            PORTFOLIO,
            "type: sample",
            "type: sampel",
            "source.type",
            "'sampel'",
            "files, sample or yahoo; did you mean 'sample'?",
        ),
        (
            FILES,
            "  type: files\n",
            "",
            "source.type",
            "nothing; the key is missing",
            "files, sample or yahoo",
        ),
        (
            PORTFOLIO,
            "clock: exchange",
            "clock: echange",
            "clock",
            "'echange'",
            "exchange or replay; did you mean 'exchange'?",
        ),
        (
            PORTFOLIO,
            "base_currency: USD",
            "base_currency: EUR",
            "base_currency",
            "'EUR'",
            "USD",
        ),
        (
            PORTFOLIO,
            "  anchor: last",
            "  ancor: last",
            "schedule.ancor",
            "the unknown key 'ancor'",
            "frequency and anchor; did you mean 'anchor'?",
        ),
        (
            PORTFOLIO,
            "allow_fractional: false",
            "allow_fractional: no",
            "rebalance.allow_fractional",
            "the text 'no'",
            "true or false",
        ),
        (
            PORTFOLIO,
            "  cash_floor: 0",
            "  lot_size: 1.5",
            "rebalance.lot_size",
            "1.5",
            "a whole number of at least 1",
        ),
        (
            PORTFOLIO,
            "universe: configs/universes/sample.yaml",
            "universe: configs/universes/sampel.yaml",
            "universe",
            "'configs/universes/sampel.yaml', a file that does not exist",
            "an existing file; did you mean 'sample.yaml'?",
        ),
        (
            PORTFOLIO,
            "checks: configs/checks.yaml",
            "checks: ../checks.yaml",
            "checks",
            "'../checks.yaml'",
            "a path inside the workspace, relative to the folder that holds configs/",
        ),
        (
            PORTFOLIO,
            "costs: configs/costs/default.yaml",
            f"costs: {'x' * 300}",
            "costs",
            f"'{'x' * 300}', a file that does not exist",
            "an existing file",
        ),
        (
            FILES,
            "    - data/files/etf_prices.parquet",
            "    - 5",
            "source.paths.0",
            "5",
            "text; put it in quotes if it is meant as text",
        ),
        (
            PORTFOLIO,
            "artifacts_dir: artifacts/sample/rebalance",
            "artifacts_dir: ../elsewhere",
            "artifacts_dir",
            "'../elsewhere'",
            "a path inside the workspace, relative to the folder that holds configs/, and not "
            "in configs/",
        ),
        (
            UNIVERSE,
            "ticker: QQQ",
            "ticker: SPY",
            "tickers.1.ticker",
            "'SPY'",
            "each ticker once",
        ),
        (
            UNIVERSE,
            "ticker: QQQ",
            "ticker: $CASH$",
            "tickers.1.ticker",
            "'$CASH$'",
            "a ticker without spaces, not $CASH$",
        ),
        (
            UNIVERSE,
            "{ticker: QQQ, name: Invesco QQQ Trust, asset_class: US equity}",
            "QQQ",
            "tickers.1",
            "'QQQ'",
            "a mapping with the keys ticker, name and asset_class",
        ),
        (
            "configs/checks.yaml",
            "max_turnover: 0.80",
            "max_turnover: -1",
            "turnover.max_turnover",
            "-1",
            "a number of at least 0",
        ),
        (
            "configs/costs/default.yaml",
            "cost_bps: 5.0",
            "cost_bp: 5.0",
            "cost_bp",
            "the unknown key 'cost_bp'",
            "name, description and cost_bps; did you mean 'cost_bps'?",
        ),
        (
            MAPPING,
            "config_path: configs/strategies/defensive.yaml",
            "config_path: configs/strategies/defensiv.yaml",
            "mapping.downtrend_high_vol.config_path",
            "'configs/strategies/defensiv.yaml', a file that does not exist",
            "an existing file; did you mean 'defensive.yaml'?",
        ),
        (
            MAPPING,
            "config_path: configs/strategies/cautious.yaml",
            "config_path: configs/checks.yaml",
            "fallback.config_path",
            "'configs/checks.yaml'",
            "a file in configs/strategies",
        ),
        (
            MAPPING,
            "strategy: defensive",
            "strategy: defence",
            "mapping.downtrend_high_vol.strategy",
            "'defence'",
            "'defensive', the name in configs/strategies/defensive.yaml",
        ),
        (
            CAUTIOUS,
            "safe_tickers: [AGG, BIL]",
            "safe_tickers: [AGG, BILL]",
            "parameters.safe_tickers.1",
            "'BILL'",
            "a ticker of the universe 'Sample universe'; did you mean 'BIL'?",
        ),
        (
            DEFENSIVE,
            "tickers: [AGG, TLT, GLD, BIL]",
            "tickers: [AGG, TLT, GLDD, BIL]",
            "tickers.2",
            "'GLDD'",
            "a ticker of the universe 'Sample universe'; did you mean 'GLD'?",
        ),
    ],
)
def test_a_mistake_is_named_with_file_line_key_and_remedy(
    edit: Edit,
    workspace: Path,
    file: str,
    old: str,
    new: str,
    key: str,
    found: str,
    accepted: str,
) -> None:
    line = edit(file, old, new)
    if not new:  # a missing key is shown at the key it belongs to
        line -= 1
    name = "files_example" if file == FILES else "sample"
    assert (file, line, key, found, accepted) == only_problem(workspace, name)


def test_two_exclusive_settings_name_the_one_to_change(edit: Edit, workspace: Path) -> None:
    line = edit(
        PORTFOLIO, "  allow_fractional: false", "  round_lots: true\n  allow_fractional: true"
    )
    assert only_problem(workspace) == (
        PORTFOLIO,
        line,
        "rebalance.round_lots",
        "true",
        "false, because allow_fractional is true",
    )


def test_the_mistakes_of_all_files_are_said_at_once(edit: Edit, workspace: Path) -> None:
    edit(PORTFOLIO, "clock: exchange", "clock: never")
    edit(UNIVERSE, "ticker: QQQ", "tiker: QQQ")
    edit("configs/regimes/thresholds.yaml", "hysteresis_pct: 0.02", "hysteresis_pct: x")
    edit(MAPPING, "    rationale: >-", "    rational: >-")
    edit("configs/checks.yaml", "max_turnover", "max_turn_over")
    edit("configs/costs/default.yaml", "cost_bps", "bps")
    edit("configs/strategies/momentum_acceleration.yaml", "top_n: 5", "top_n: five")
    edit(DEFENSIVE, "top_n: 3", "top_n: three")
    found = problems_of(workspace)
    assert {problem.file for problem in found} == {
        PORTFOLIO,
        UNIVERSE,
        "configs/regimes/thresholds.yaml",
        MAPPING,
        "configs/checks.yaml",
        "configs/costs/default.yaml",
        "configs/strategies/momentum_acceleration.yaml",
        DEFENSIVE,
    }
    assert len(found) == len(set(found))


def test_unreadable_files_hide_no_mistake_of_the_others(edit: Edit, workspace: Path) -> None:
    (workspace / MAPPING).write_text("a: [", "utf-8")
    (workspace / UNIVERSE).write_bytes(b"\xff")
    edit("configs/checks.yaml", "max_turnover", "max_turn_over")
    files = [problem.file for problem in problems_of(workspace)]
    assert sorted(files) == ["configs/checks.yaml", MAPPING, UNIVERSE]


def test_a_portfolio_that_is_no_yaml_is_one_problem(workspace: Path) -> None:
    (workspace / PORTFOLIO).write_text("name: [", "utf-8")
    assert only_problem(workspace)[:2] == (PORTFOLIO, 1)


def test_a_file_that_another_portfolio_breaks_does_not_matter(workspace: Path) -> None:
    (workspace / FILES).write_text("name: [", "utf-8")
    assert load_portfolio(workspace, "sample").config.name == "sample"


def test_a_path_that_is_no_text_is_said_once(edit: Edit, workspace: Path) -> None:
    line = edit(PORTFOLIO, "universe: configs/universes/sample.yaml", "universe: [a]")
    assert only_problem(workspace) == (PORTFOLIO, line, "universe", "['a']", "text")


def test_a_folder_that_is_no_text_is_said_once(edit: Edit, workspace: Path) -> None:
    line = edit(PORTFOLIO, "state_dir: data/state/sample", "state_dir:")
    assert only_problem(workspace) == (PORTFOLIO, line, "state_dir", "nothing", "text")


def test_a_source_that_is_only_a_word_is_told_its_shape(edit: Edit, workspace: Path) -> None:
    line = edit(PORTFOLIO, "source:\n  type: sample ", "source: sample ")
    assert only_problem(workspace) == (
        PORTFOLIO,
        line,
        "source",
        "'sample'",
        "a mapping with the key type: files, sample or yahoo",
    )


def test_paths_left_out_are_the_shipped_ones(edit: Edit, workspace: Path) -> None:
    before = load_portfolio(workspace, "sample")
    for key, path in (
        ("thresholds", "configs/regimes/thresholds.yaml"),
        ("mapping", MAPPING),
        ("strategies_dir", "configs/strategies"),
        ("checks", "configs/checks.yaml"),
        ("costs", "configs/costs/default.yaml"),
    ):
        edit(PORTFOLIO, f"{key}: {path}\n", "")
    after = load_portfolio(workspace, "sample")
    assert after.config == before.config
    assert [path for path, _ in after.texts] == [path for path, _ in before.texts]
    edit(PORTFOLIO, "universe: configs/universes/sample.yaml\n", "")
    ((_, line, key, found, _),) = [only_problem(workspace)]
    assert (line, key, found) == (3, "universe", "nothing; the key is missing")


def test_one_strategy_may_serve_several_regimes(edit: Edit, workspace: Path) -> None:
    text = (workspace / MAPPING).read_text("utf-8")
    text = text.replace("momentum_short", "defensive").replace("cautious", "defensive")
    (workspace / MAPPING).write_text(text, "utf-8")
    assert len(load_portfolio(workspace, "sample").strategies) == 3


def test_a_strategy_is_the_same_alone_and_in_its_portfolio(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace)
    for strategy in load_portfolio(workspace, "sample").strategies:
        assert load_strategy(strategy.path) == strategy


def test_the_portfolio_overrules_a_strategy_and_says_so(edit: Edit, workspace: Path) -> None:
    (workspace / "configs/costs/dear.yaml").write_text("name: dear\ncost_bps: 50\n", "utf-8")
    (workspace / "configs/schedules/weekly.yaml").write_text("frequency: weekly\n", "utf-8")
    edit(
        DEFENSIVE,
        "name: defensive\n",
        "name: defensive\nuniverse: configs/universes/real_files.yaml\n"
        "schedule: configs/schedules/weekly.yaml\ncost_model: configs/costs/dear.yaml\n",
    )
    settings = load_portfolio(workspace, "sample")
    assert settings.config.schedule == ScheduleConfig()
    assert settings.overruled == (
        Overruled(
            strategy=DEFENSIVE,
            key="universe",
            named="configs/universes/real_files.yaml",
            used=UNIVERSE,
        ),
        Overruled(
            strategy=DEFENSIVE,
            key="schedule",
            named="configs/schedules/weekly.yaml",
            used="monthly, last session",
        ),
        Overruled(
            strategy=DEFENSIVE,
            key="cost_model",
            named="configs/costs/dear.yaml",
            used="configs/costs/default.yaml",
        ),
    )


def test_a_strategy_that_asks_for_what_the_portfolio_has_is_not_overruled(
    edit: Edit, workspace: Path
) -> None:
    edit(
        DEFENSIVE,
        "name: defensive\n",
        f"name: defensive\nuniverse: {UNIVERSE}\n"
        "schedule: configs/schedules/month_end.yaml\ncost_model: configs/costs/default.yaml\n",
    )
    settings = load_portfolio(workspace, "sample")
    assert settings.overruled == ()
    assert "configs/schedules/month_end.yaml" in dict(settings.texts)


def test_a_file_a_strategy_names_must_exist(edit: Edit, workspace: Path) -> None:
    line = edit(DEFENSIVE, "name: defensive\n", "schedule: configs/schedules/no.yaml\n")
    assert only_problem(workspace)[:3] == (DEFENSIVE, line, "schedule")


def test_a_portfolio_may_not_write_where_another_one_writes(edit: Edit, workspace: Path) -> None:
    other = edit(FILES, "artifacts_dir: artifacts/files_example/rebalance", "artifacts_dir: x/y")
    line = edit(PORTFOLIO, "artifacts_dir: artifacts/sample/rebalance", "artifacts_dir: ./X")
    assert only_problem(workspace) == (
        PORTFOLIO,
        line,
        "artifacts_dir",
        f"'X', which overlaps 'x/y' (artifacts_dir in {FILES}:{other})",
        "a folder that nothing else is written to; simulated and real decisions never share one",
    )


LIVE = "configs/portfolios/live_example.yaml"


@pytest.mark.parametrize(
    ("said", "key", "found", "accepted"),
    [
        (
            "[T10Y2]",
            "source.context.0",
            "'T10Y2'",
            "T10Y2Y or BAMLH0A0HYM2; did you mean 'T10Y2Y'?",
        ),
        ("[T10Y2Y, VIXCLS]", "source.context.1", "'VIXCLS'", "T10Y2Y or BAMLH0A0HYM2"),
        ("[T10Y2Y, T10Y2Y]", "source.context.1", "'T10Y2Y'", "each series once"),
        ("T10Y2Y", "source.context", "'T10Y2Y'", "a list of T10Y2Y or BAMLH0A0HYM2"),
    ],
)
def test_a_series_beside_the_market_is_one_of_those_there_are(
    edit: Edit, workspace: Path, said: str, key: str, found: str, accepted: str
) -> None:
    edit(LIVE, "  vix: yahoo ", f"  context: {said}\n  vix: yahoo ")
    problem = only_problem(workspace, "live_example")
    assert (problem[2], problem[3], problem[4]) == (key, found, accepted)
