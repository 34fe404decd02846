"""Seconds until the page of `scgan export --format web` shows its first image, in Chromium.

    python benchmarks/web_page.py [MODEL] [--rounds 5]

The first visit finds an empty cache, the others what the browser kept of the visits before. Needs playwright (extra
dev) and chromium or chromium-headless-shell.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

from scgan.exports.web import export_web


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="faces")
    parser.add_argument("--rounds", type=int, default=5, help="visits after the first one")
    options = parser.parse_args()
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None:
        sys.exit("there is no Chromium: apt-get install chromium-headless-shell")
    with tempfile.TemporaryDirectory() as folder:
        parts = export_web(options.model, Path(folder) / "page")
        serve = ["http.server", "0", "--bind", "127.0.0.1", "--directory", f"{folder}/page"]
        server = subprocess.Popen(
            [sys.executable, "-u", "-m", *serve], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert server.stdout is not None
        port = server.stdout.readline().split(" port ")[1].split()[0]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            context = browser.new_context()
            seconds = [_visit(context, f"http://127.0.0.1:{port}/") for _ in range(options.rounds + 1)]
            browser.close()
        server.terminate()
    print(
        f"{sum(size for _, size in parts):,} bytes; first image after {seconds[0]:.1f} s with an empty cache, after "
        f"{statistics.median(seconds[1:]):.1f} s (median of {options.rounds}) with a warm one"
    )


def _visit(context: BrowserContext, address: str) -> float:
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("#loading", state="hidden")
    duration = time.perf_counter() - start
    page.close()
    return duration


if __name__ == "__main__":
    main()
