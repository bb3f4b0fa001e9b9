"""docs/architecture.md is true: what it names is there, and no room is left out."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")
NAMED = set(re.findall(r"`((?:bot|chaos|tests|docs)(?:/[\w./-]*)?)`", PAGE))
SYMBOLS = re.findall(r"`(\w+)`[^`]{0,20}\s(?:in|\()\s*`(bot/[\w/]+\.py)`", PAGE)
NO_ROOMS = {"bot/sandbox", "bot/store/migrations"}
"""Named as a whole; what is inside of them is told by their own docstrings."""


def test_every_file_and_folder_that_the_page_names_is_there():
    assert sorted(name for name in NAMED if not (ROOT / name).exists()) == []
    assert len(NAMED) > 60


def test_every_function_and_class_that_the_page_names_is_in_its_file():
    for name, file in SYMBOLS:
        assert re.search(
            rf"^(async )?(    )?(async )?(def|class) {name}\b|^{name}\b", (ROOT / file).read_text("utf-8"), re.M
        ), name


def test_every_room_is_named():
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "bot").rglob("*.py")}
    rooms = {
        folder for folder in folders if folder != "bot" and not any(folder.startswith(f"{out}/") for out in NO_ROOMS)
    }
    assert sorted(rooms - NAMED) == []


def test_every_link_within_the_page_leads_somewhere():
    anchors = {
        re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", PAGE, re.M)
    }
    linked = re.findall(r"\]\(#([\w-]+)\)", PAGE)
    assert linked
    assert sorted(set(linked) - anchors) == []
    for target in re.findall(r"\]\(([\w./-]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
