#!/usr/bin/env bash
# distributed 2025.5.1 (Dask): a cluster describes five of its workers.
#
# Good guess: client.scheduler_info()["workers"] has an entry for each worker, as client.nthreads() does.
# What happens: it has five entries, however many workers there are; the number of all of them stands beside it, in
# "n_workers", and scheduler_info(n_workers=-1) describes all. Earlier and later versions describe all by default.
# Output seen: described 5 · n_workers 8 · asked for all 8 · nthreads 8
# Why it matters: a program that keeps a few tasks under way for each worker, or looks for those with a GPU among the
# described ones, leaves all others idle, without any error; with five workers or fewer nothing shows.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q distributed==2025.5.1
cd "$dir"
cat > workers.py <<'PY'
from distributed import Client, LocalCluster

if __name__ == "__main__":
    workers = {"n_workers": 8, "threads_per_worker": 1, "processes": False, "dashboard_address": None}
    with LocalCluster(**workers) as cluster, Client(cluster) as client:
        client.wait_for_workers(8)
        described = client.scheduler_info()
        everyone = client.scheduler_info(n_workers=-1)["workers"]
        seen = len(described["workers"]), described["n_workers"], len(everyone), len(client.nthreads())
    print("described {} · n_workers {} · asked for all {} · nthreads {}".format(*seen))
    assert seen == (5, 8, 8, 8)
PY
"$dir/venv/bin/python" workers.py
