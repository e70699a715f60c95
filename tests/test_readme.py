"""What the README tells a user to type works."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from quantetf_core.alpha import AlphaFactory
from tests import builders

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.S)
TICKERS = ("AGG", "BIL", "GLD", "QQQ", "SPY", "TLT")


def test_the_library_example_prints_trades(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    market = builders.random_market(TICKERS, seed=5)
    frame = market.close.rename_axis("date").reset_index()
    frame.melt("date", var_name="ticker", value_name="close").to_parquet(
        tmp_path / "prices.parquet"
    )
    pd.DataFrame({"CLOSE": market.vix}).to_csv(tmp_path / "vix.csv")
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    exec(BLOCKS[0], {})
    assert "BUY" in capsys.readouterr().out


def test_the_example_model_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = dict(AlphaFactory._models)
    monkeypatch.setattr(AlphaFactory, "_models", registry)
    exec(BLOCKS[1], {"__name__": "readme"})
    market = builders.random_market(TICKERS, seed=5)
    scores = AlphaFactory.create("last_month").compute_scores(market.adj_close)
    close = market.adj_close
    expected = close.iloc[-1] / close.iloc[-22] - 1
    assert scores.to_dict() == pytest.approx(expected.to_dict())


def test_the_executor_example_buys_what_it_previews(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    exec(BLOCKS[2], names)
    assert capsys.readouterr().out.splitlines() == ["BUY 126 SPY None", "BUY 405 TLT None"]
    assert {asset: held.quantity for asset, held in names["broker"].positions.items()} == {
        "SPY": 126,
        "TLT": 405,
    }


@pytest.mark.parametrize("name", re.findall(r"`([\w./]+\.(?:yaml|toml|md))`", README))
def test_every_file_the_readme_names_is_there(name: str) -> None:
    assert (ROOT / name).is_file()


@pytest.mark.parametrize("target", ["run", "test", "bench", "help"])
def test_every_make_command_it_names_exists(target: str) -> None:
    assert re.search(rf"^{target}:.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
