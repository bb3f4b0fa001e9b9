"""The shared data beside the checkout: GitHub's whole descriptions, recorded answers, real releases.

It is not in the repository. Tests that need it skip without it, unless SHIPMATE_REQUIRE_SHARED is set, as in CI.
"""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"
PARTS = ("contract", "data/cases", "data/history", "data/registries", "data/repositories", "oracle", "recordings")
"""The folders in it that tests read."""
MISSING = tuple(part for part in PARTS if not (SHARED / part).is_dir())
ABSENT = f"the shared data is not beside the checkout: {', '.join(MISSING)}"

needs_shared = pytest.mark.skipif(bool(MISSING), reason=ABSENT)
"""For tests that read it."""


def demand_it() -> None:
    """Raise pytest.UsageError where the shared data has to be here and is not: no test of it may be skipped then."""
    if MISSING and os.environ.get("SHIPMATE_REQUIRE_SHARED"):
        raise pytest.UsageError(f"SHIPMATE_REQUIRE_SHARED is set, but {ABSENT}")
