#!/usr/bin/env bash
# One short run on a large GPU, about 14 minutes in all, that needs no thought:
#   1. the CUDA tests: graphs, damping, company, training                    2 min
#   2. the Sudoku recipe for CUDA, cut to MINUTES, then measured by search   8 + 2 min
#   3. speed of engine and trainer against the reference way                 1 min
# Everything worth keeping is small and lies in OUT afterwards.
#
#   tools/gpu_run.sh OUT            on the GPU
#   TINY=1 tools/gpu_run.sh OUT     the same on a CPU in a few minutes, to try the script
#
# Variables: PY=python  MINUTES=8  SETS="hard=FILE.csv easy=FILE.csv ..."
# A step that fails is reported in OUT/summary.txt and does not end the run.
set -uo pipefail
cd "$(dirname "$0")/.."
OUT=$(mkdir -p "$1" && cd "$1" && pwd)
PY=${PY:-python}
TINY=${TINY:-}
DEVICE=${TINY:+cpu}; DEVICE=${DEVICE:-cuda}
MINUTES=${MINUTES:-${TINY:+0.3}}; MINUTES=${MINUTES:-8}
LIMIT=${TINY:+4}; LIMIT=${LIMIT:-1000}
export PYTHONPATH="$PWD:$PWD/router:$PWD/specialists${PYTHONPATH:+:$PYTHONPATH}"
PUZZLES=specialists/hrm_puzzles/sudoku
SETS=${SETS:-held_out=$PUZZLES/held_out_256.csv}

step() {  # step NAME SECONDS COMMAND...
    local name=$1 limit=$2 began=$SECONDS rc
    shift 2
    timeout "$limit" "$@" >"$OUT/$name.out" 2>"$OUT/$name.err"
    rc=$?
    echo "$name: exit $rc after $((SECONDS - began)) s" | tee -a "$OUT/summary.txt"
    tail -c 20000 "$OUT/$name.err" >"$OUT/$name.err.short" && mv "$OUT/$name.err.short" "$OUT/$name.err"
}

: >"$OUT/summary.txt"
step machine 60 "$PY" tools/gpu_speed.py machine
step tests 150 "$PY" -m pytest -q -p no:cacheprovider -m "${TINY:+not }cuda" \
    tests/specialists/engine/test_runner.py tests/specialists/training/test_cuda.py
recipe=$PUZZLES/recipe-cuda.toml
if [ -n "$TINY" ]; then recipe=tools/tiny.toml; fi
step train 720 "$PY" -m hrm_agent train sudoku --recipe "$recipe" --minutes "$MINUTES" \
    --device "$DEVICE" --root "$OUT/trained" --json
folder=$(ls -d "$OUT"/trained/sudoku/*/ 2>/dev/null | tail -n 1)
if [ -n "$folder" ]; then
    rm -rf "$OUT/trained/sudoku/.run"
    for set in $SETS; do
        for effort in low default; do
            step "${set%%=*}-$effort" 100 "$PY" -m hrm_agent evaluate "$folder" \
                --data "${set#*=}" --effort "$effort" --limit "$LIMIT" --device "$DEVICE" --json
        done
    done
fi
step speed 120 "$PY" tools/gpu_speed.py speed --device "$DEVICE" ${TINY:+--tiny}
du -sh "$OUT" | tee -a "$OUT/summary.txt"
