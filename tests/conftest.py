"""Fixtures for all tests."""

from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no finding; `make fuzz-plan` looks for longer.
settings.register_profile("usual", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=20_000)
settings.load_profile("usual")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data beside the checkout; the test skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"the shared data is not at {SHARED}")
    return SHARED
