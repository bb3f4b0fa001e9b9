"""A release branch that git cannot keep beside another branch is refused before anything is made."""

import pytest

from bot.release.preflight.branch_names import about_name


@pytest.mark.parametrize(
    ("branch", "existing", "refused"),
    [
        ("main/v0.5.0", ["main"], True),
        ("rel/next/v0.5.0", ["rel"], True),
        ("rel/v0.5.0", ["rel/v0.5.0/old"], True),
        ("rel/v0.5.0", ["rel/v0.4.0", "release", "rel-old"], False),
        ("mainline/v0.5.0", ["main"], False),
        ("rel/v0.5.0", ["rel/v0.5.0"], False),  # that one is for opening to look at: it may be ours
    ],
)
def test_a_branch_and_a_folder_of_branches_cannot_have_one_name(branch, existing, refused):
    problems = about_name(branch, existing).problems
    assert bool(problems) is refused
    assert all("branch-prefix" in problem.fix and existing[0] in problem.what for problem in problems)
