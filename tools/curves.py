"""Plot the losses of a training run, one panel for each term, for the documentation.

    python tools/curves.py RUN --out curves.png

Needs the extra ``plots``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from scgan.evaluation.metrics import moving_average
from scgan.runs.folder import read_log

COLUMNS = 4
WINDOW = 25  # lines of the log


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="the folder of a training run")
    parser.add_argument("--out", type=Path, required=True, help="the .png or .svg file to write")
    options = parser.parse_args()
    log = read_log(options.run / "log.jsonl")
    names = list(dict.fromkeys(name for line in log for name in line if "/" in name))
    rows = -(-len(names) // COLUMNS)
    figure = Figure((3 * COLUMNS, 2 * rows), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    for number, name in enumerate(names, start=1):
        lines = [line for line in log if name in line]
        steps, values = (np.array([line[key] for line in lines]) for key in ("step", name))
        axes = figure.add_subplot(rows, COLUMNS, number)
        axes.plot(steps, values, color="#7aa6d6", alpha=0.4, linewidth=0.7)
        axes.plot(steps, moving_average(values, min(WINDOW, len(values))), color="#1f5fa8", linewidth=1.4)
        axes.set_ylim(*np.quantile(values, [0.005, 0.995]))
        axes.set_title(name.replace("/", ": "), fontsize=9)
        axes.tick_params(labelsize=7)
    figure.savefig(options.out)


if __name__ == "__main__":
    main()
