"""`python -m hrm_agent` is `hrm-agent`."""

from __future__ import annotations

import sys

from hrm_agent.cli import main

sys.exit(main())
