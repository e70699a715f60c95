"""From a key press on the slider to the last repaint: Review beside a bare page.

Each page runs in its own Streamlit server; the browser takes the times. A repaint is a change of
text or shape in the page, or a stroke on a canvas; it is over when nothing changed for 300 ms.
Beside the floor (one slider, one text) stands a plain page of the size that Review has at least:
a table of 30 rows and a Plotly chart.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STEPS = 20
CHROMIUM_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

BARE = """
import streamlit as st
value = st.slider("Portfolio value (USD)", 0, 100, 50)
st.text(f"value {value}")
"""

PLAIN = """
import numpy as np, pandas as pd, plotly.graph_objects as go, streamlit as st
value = st.slider("Portfolio value (USD)", 0, 100, 50)
rows = np.arange(30)
st.dataframe(pd.DataFrame({"ticker": [f"T{r}" for r in rows], "value": rows * value}))
st.plotly_chart(go.Figure(go.Bar(x=rows, y=rows * value)))
"""

WATCH = """
(() => {
  const seen = {press: 0, last: 0, count: 0};
  window.__repaint = seen;
  const note = () => requestAnimationFrame(() => { seen.last = performance.now(); seen.count++; });
  const shapes = ['d', 'points', 'transform', 'width', 'height', 'x', 'y'];
  new MutationObserver(records => {
    for (const record of records) {
      const node = record.target.nodeType === 1 ? record.target : record.target.parentElement;
      if (!node || node.closest('canvas') || !node.closest('[data-testid="stMain"]')) continue;
      if (record.type !== 'attributes' || node.closest('svg')) { note(); return; }
    }
  }).observe(document, {subtree: true, childList: true, characterData: true,
                        attributes: true, attributeFilter: shapes});
  const draw = CanvasRenderingContext2D.prototype;
  for (const name of ['fillText', 'fill', 'stroke', 'fillRect']) {
    const plain = draw[name];
    draw[name] = function (...args) { note(); return plain.apply(this, args); };
  }
  addEventListener('keydown', () => {
    seen.press = performance.now(); seen.last = 0; seen.count = 0;
  }, true);
})();
"""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(script: Path, workspace: Path) -> Iterator[str]:
    """A Streamlit server on a page, ready."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--server.port={port}", "--server.headless=true"]
    environment = {**os.environ, "QUANTETF_ROOT": str(workspace), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_until_healthy(address: str) -> None:
    """Return when the server answers; fail after 20 s."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"no answer from {address}")


def repaint_times(browser, address: str) -> list[float]:
    """Milliseconds of each key press, the first three left out."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.add_init_script(WATCH)
    page.goto(address)
    slider = page.get_by_role("slider", name="Portfolio value (USD)").first
    slider.wait_for(timeout=60_000)
    page.wait_for_timeout(2_000)
    slider.focus()
    times = []
    for step in range(STEPS + 3):
        page.keyboard.press("ArrowRight" if step % 10 < 5 else "ArrowLeft")
        page.wait_for_timeout(60)
        page.wait_for_function(
            "() => __repaint.count && performance.now() - __repaint.last > 300", timeout=15_000
        )
        times.append(page.evaluate("() => __repaint.last - __repaint.press"))
    page.close()
    return times[3:]


def main() -> None:
    """Print the table."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        shutil.copytree(ROOT / "configs", folder / "configs")
        (folder / "bare.py").write_text(BARE)
        (folder / "plain.py").write_text(PLAIN)
        pages = {
            "floor: one slider, one text": folder / "bare.py",
            "plain page: 30-row table and a Plotly chart": folder / "plain.py",
            "Review": ROOT / "app.py",
        }
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        times: dict[str, list[float]] = {}
        for _ in range(2):
            for title, script in pages.items():
                with served(script, folder) as address:
                    times.setdefault(title, []).extend(repaint_times(browser, address))
        browser.close()
    floor = statistics.median(next(iter(times.values())))
    print("\nSlider key press to last repaint, in the browser")
    for title, found in times.items():
        found.sort()
        middle, late = statistics.median(found), found[int(len(found) * 0.95)]
        print(
            f"  {title:<48} median {middle:6.0f} ms, 95 % {late:6.0f} ms, {middle / floor:4.1f} x"
        )


if __name__ == "__main__":
    main()
