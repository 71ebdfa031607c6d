"""`python -m fresh.second [open|sealed|odd]`, from tests/helpers."""

from __future__ import annotations

import sys

from fresh.second import PARTS, read_exactly

for part in sys.argv[1:] or PARTS:
    right, total = read_exactly(part)
    sys.stdout.write(f"{part}: {right} of {total} read exactly\n")
