from bot.plan.changelog.drafting.draft import Style, drafted
from bot.plan.model import Change


def pull(title: str, number: int | None = 1, *labels: str, bot: bool = False, author: str | None = None) -> Change:
    return Change(title, number, labels, author, bot)


def test_changes_are_grouped_by_their_prefix_and_refer_to_their_pull_request():
    text = drafted([pull("feat(api): image generation", 41), pull("fix: a crash", 42), pull("perf: faster", None)])
    assert text == "### Added\n\n- Image generation (#41)\n\n### Changed\n\n- Faster\n\n### Fixed\n\n- A crash (#42)"


def test_labels_count_more_than_prefixes():
    assert drafted([pull("fix: leak of keys", 7, "security")]) == "### Security\n\n- Leak of keys (#7)"
    assert drafted([pull("Dimmer", 8, "enhancement")]) == "### Added\n\n- Dimmer (#8)"


def test_plain_titles_are_grouped_by_their_first_word():
    text = drafted([pull("Add a dimmer"), pull("Drop Python 3.8", 2), pull("Fixed the switch", 3), pull("Brighter", 4)])
    assert text.split("\n")[::4] == ["### Added", "### Changed", "### Removed", "### Fixed"]


def test_breaking_changes_say_so():
    assert drafted([pull("feat!: new plug", 3)]) == "### Added\n\n- **Breaking:** New plug (#3)"
    assert "**Breaking:**" in drafted([pull("New plug", 3, "breaking-change")])


def test_noise_is_left_out():
    noise = [
        "Merge branch 'main' into x",
        "release: lamp v0.4.0",
        "chore: tidy",
        "ci: faster",
        "v0.4.0",
        "Bump version to 0.4",
    ]
    noise += ["style: fmt", "test: more", "uprev", "Preparing a new release (0.4.0).", "prepare release 0.4.0"]
    assert drafted([pull(title, None) for title in noise]) == "Maintenance release."


def test_what_is_labelled_to_be_skipped_is_skipped():
    assert drafted([pull("feat: secret", 1, "skip-changelog")]) == "Maintenance release."


def test_dependency_updates_of_robots_are_one_line():
    changes = [pull("Bump serde from 1 to 2", 5, bot=True), pull("chore(deps): update x", 6, author="renovate[bot]")]
    assert drafted(changes) == "### Changed\n\n- Updated dependencies (#5, #6)."


def test_a_change_and_its_revert_are_both_gone():
    assert drafted([pull("feat: x", 1), pull('Revert "feat: x"', 2), pull("fix: y", 3)]) == "### Fixed\n\n- Y (#3)"


def test_a_pull_request_is_named_once():
    assert drafted([pull("fix: y", 3), pull("fix: y", 3)]) == "### Fixed\n\n- Y (#3)"


def test_a_package_that_only_follows_says_so():
    assert drafted([], ["Updated lamp to 0.5.0."]) == "### Changed\n\n- Updated lamp to 0.5.0."


def test_nothing_at_all_is_one_honest_line():
    assert drafted([]) == "Maintenance release."


def test_numbers_are_not_repeated_and_titles_are_one_line_of_text():
    assert drafted([pull("fix: a\nb (#9)", 9)]) == "### Fixed\n\n- A b (#9)"
    assert drafted([pull("fix: <script> and `Vec<T>`", 9)]) == "### Fixed\n\n- \\<script> and `Vec<T>` (#9)"
    assert len(drafted([pull("fix: " + "word " * 200, 9)])) < 250


def test_the_draft_looks_like_the_sections_that_are_there():
    assert drafted([pull("fix: y", 3)], style=Style(level=3, bullet="*")) == "#### Fixed\n\n* Y (#3)"
    assert drafted([pull("fix: y", 3)], style=Style(grouped=False)) == "- Y (#3)"


def test_a_revert_with_the_number_inside_its_quotes_takes_the_change_with_it():
    changes = [pull('Revert "feat: blue flame (#21)"', 23), pull("fix: smoke", 22), pull("feat: blue flame", 21)]
    assert drafted(changes) == "### Fixed\n\n- Smoke (#22)"


def test_a_revert_of_a_number_that_is_not_there_is_not_that_of_another_change():
    changes = [pull('Revert "fix: smoke (#2)"', 23), pull("fix: smoke", 22)]
    assert drafted(changes).count("- ") == 2


def test_a_revert_by_type_takes_the_change_with_it():
    assert drafted([pull("revert: feat: green flame", None), pull("feat: green flame", 3)]) == "Maintenance release."


def test_what_takes_back_an_older_release_s_change_says_so():
    changes = [pull("revert: feat: green flame", None), pull('Revert "Add wax (#2)"', 4)]
    assert drafted(changes) == '### Changed\n\n- Reverted "green flame"\n- Reverted "Add wax" (#4)'


def test_what_is_brought_again_is_told():
    again, back, first = pull('Reapply "feat: x (#1)"', 3), pull('Revert "feat: x (#1)"', 2), pull("feat: x", 1)
    assert drafted([again, back, first]) == "### Added\n\n- X (#1)"
    again = pull('Revert "Revert "feat: x (#1)" (#2)"', 3)
    assert drafted([again, back, first]) == "### Added\n\n- X (#1)"


def test_a_second_try_under_the_same_title_stays():
    changes = [pull("feat: x", 3), pull('Revert "feat: x"', 2), pull("feat: x", 1)]
    assert drafted(changes) == "### Added\n\n- X (#3)"


def test_a_footer_marks_a_change_as_breaking():
    assert drafted([Change("refactor: rename", 31, breaking=True)]) == "### Changed\n\n- **Breaking:** Rename (#31)"
    assert "**Breaking:**" in drafted([Change("chore: rename", 31, breaking=True)])


def test_what_nobody_knows_is_not_called_maintenance():
    assert drafted(None) == "Nothing is known of what changed."
    assert drafted(None, ["Updated lamp to 0.5.0."]).startswith("Nothing is known of what changed.\n\n### Changed")


def test_a_draft_of_hundreds_is_grouped_and_folded():
    changes = [pull(f"fix: {number}", number) for number in range(100, 160)] + [
        pull("fix!: wax", 7),
        pull("feat: x", 8),
    ]
    text = drafted(changes, style=Style(grouped=False))
    assert text.startswith("### Added\n\n- X (#8)\n\n### Fixed\n\n- **Breaking:** Wax (#7)\n- 100 (#100)\n")
    assert "<details>\n<summary>51 more</summary>\n\n- 109 (#109)\n" in text
    assert text.endswith("- 159 (#159)\n\n</details>")


def test_groups_are_as_deep_and_called_as_the_house_has_them():
    style = Style(level=1, below=3, names={"Added": "🚀 Enhancement"})
    assert drafted([pull("feat: x", 8)], style=style) == "#### 🚀 Enhancement\n\n- X (#8)"
