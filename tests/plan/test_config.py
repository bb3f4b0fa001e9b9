import subprocess

import pytest

from bot.packaging.problem import Problem
from bot.plan import discover
from bot.plan.model import Downstream
from tests.plan.trees import after, lamp, plan, text

EVERYTHING = """
[release]
branch = "stable"
required = ["ci.yml"]
permission = "admin"
changelog = "require"
generated-notes = true

[announce]
category = "Announcements"

[[package]]
name = "lamp-py"
registry = "pypi"
path = "lamp-py"
tag = "python/{version}"
changelog = "CHANGELOG.md"
follows = "lamp"
after = ["lamp"]
files = ["sdist", "linux-x86_64"]

[[package]]
name = "lamp"

[[downstream]]
repository = "someone/house"
package = "lamp"
"""


def configured(text: str):
    return discover({**lamp(), ".github/release.toml": text.encode()})


def problem(text: str) -> Problem:
    problems = configured(text).problems
    assert len(problems) == 1, problems
    return problems[0]


def test_everything_can_be_overridden():
    found = configured(EVERYTHING)
    assert found.problems == ()
    python, rust = found.packages
    assert (python.tag, python.changelog, python.follows, python.after) == (
        "python/{version}",
        "CHANGELOG.md",
        "lamp",
        ("lamp",),
    )
    assert python.files == ("sdist", "linux-x86_64")
    assert {python.sources[fact] for fact in ("tag", "changelog", "follows", "after", "files")} == {
        ".github/release.toml"
    }
    assert rust.name == "lamp"
    assert (found.policy.branch, found.policy.permission) == ("stable", "admin")
    assert (found.policy.generated_notes, found.policy.announce) == (True, "Announcements")
    assert found.downstream == (Downstream("someone/house", "lamp"),)


@pytest.mark.parametrize(
    ("config", "line", "what", "fix"),
    [
        ("[release]\nchangelogs = 'draft'", 2, "unknown key `changelogs`", "Did you mean `changelog`?"),
        ("[releases]", 1, "unknown key `releases`", "release, package, group, downstream"),
        ("[release]\n\npermission = 'owner'", 3, "`permission` cannot be 'owner'", "write, maintain, admin"),
        ("[release]\nauto-merge = true", 2, "`auto-merge` does not work yet", "Take the line out."),
        ("[release]\nrequired = 'ci.yml'", 2, "must be a list of strings", "required = ["),
        ("[[package]]\nregistry = 'pypi'", 1, "has no `name`", "Add"),
        ("[[package]]\nname = 'lump'", 1, "no package `lump`", "lamp (crates.io, .)"),
        ("[[package]]\nname = 'lamp'\nregistry = 'npm'", 3, "`registry` cannot be 'npm'", "crates.io, pypi"),
        ("[[package]]\nname = 'lamp'\nchangelog = '../../etc/passwd'", 3, "leads out of the repository", "relative"),
        ("[[package]]\nname = 'lamp'\ntag = 'v1'", 3, "`tag` cannot be 'v1'", "{version}"),
        (
            "[[package]]\nname = 'lamp'\nfiles = ['linux']",
            3,
            "`files` cannot hold 'linux'",
            "Allowed: sdist, any, linux-",
        ),
        (
            "[[package]]\nname = 'lamp-py'\nfiles = [\n'linux-amd64',\n'linux-potato']",
            5,
            "`files` cannot hold 'linux-potato'",
            "macos- (x86_64, arm64",
        ),
        (
            "[[package]]\nname = 'lamp-py'\nfiles = ['linux-x8664']",
            3,
            "`files` cannot hold 'linux-x8664'",
            "Did you mean `linux-x86_64`?",
        ),
        ("[[package]]\nname = 'lamp'\npublish = 'ship.yml'", 1, "ship.yml does not exist", "Workflows"),
        ("[[package]]\nname = 'lamp'\nfollows = 'moon'", 1, "`follows` names 'moon'", "lamp, lamp-py"),
        ("[[package]]\nname = 'lamp'\nchangelog = 'NEWS.md'", 1, "NEWS.md does not exist", "Create"),
        ("[release]\nbranch-prefix = '-x/'", 2, "`branch-prefix` cannot be '-x/'", 'such as "shipmate/"'),
        ("[release]\nbranch-prefix = ''", 2, "`branch-prefix` must be a string", "Write"),
        ("[release]\ncommit-message = 'Release {version}'", 2, "has the unknown placeholder {version}", "{versions}"),
        ("[release]\ncommit-message = 'Release'", 2, "does not say what is released", "release: {packages}"),
        ("[release]\npull-request-title = 'a\tb {tags}'", 2, "`pull-request-title` must be one line", "{packages}"),
        ("[release]\npull-request-title = ' {tags}'", 2, "without blanks around it", "{packages}"),
        ('[release]\ncommit-message = "a\\n{tags}"', 2, "must be one line", "{packages}"),
        (
            "[release]\ncommit-message = '{tags} [skip ci]'",
            2,
            "keep CI from starting",
            "{packages}",
        ),
        ("[release]\npull-request-title = '{tags} fixes #31'", 2, "would close an issue", "{packages}"),
        ("[release]\ncommit-message = 3", 2, "`commit-message` must be a string", "Write"),
        ("package = 'lamp'", 1, "`package` must be a list of tables", "[[package]]"),
    ],
)
def test_a_mistake_is_answered_with_its_line_and_what_is_allowed(config: str, line: int, what: str, fix: str):
    found = problem(config)
    assert found.where == f".github/release.toml:{line}"
    assert what in found.what
    assert fix in found.fix


def test_files_are_named_as_people_do_and_kept_under_one_name_each():
    words = '["sdist", "linux-amd64", "Linux-x86_64", "macos-universal2", "windows-arm64", "windows-aarch64"]'
    found = configured(f"[[package]]\nname = 'lamp-py'\nfiles = {words}")
    assert found.problems == ()
    assert found.packages[0].files == ("sdist", "linux-x86_64", "macos-x86_64", "macos-arm64", "windows-arm64")


def test_a_configuration_that_is_not_toml_is_one_problem():
    assert "is not valid TOML" in problem("[release").what


def test_the_first_package_is_the_primary_one_and_followers_come_along():
    files = {
        **lamp(),
        ".github/release.toml": b"[[package]]\nname='lamp'\n[[package]]\nname='lamp-py'\nfollows='lamp'\n",
    }
    made = plan(files, "0.5.0")
    assert [(bump.package.name, bump.new) for bump in made.bumps] == [("lamp", "0.5.0"), ("lamp-py", "0.4.0")]
    assert 'version = "0.4.0"' in text(after(files, made), "lamp-py/pyproject.toml")
    assert [bump.new for bump in plan(files, "0.5.0", "lamp-py 0.3.1").bumps] == ["0.5.0", "0.3.1"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("announce = 3", "`announce` must be a table"),
        ('[announce]\nchannel = "x"', "unknown key `channel`"),
        ("[announce]\ncategory = 3", "`category` must be a string that is not empty"),
        ('[release]\ngenerated-notes = "yes"', "`generated-notes` must be true or false"),
    ],
)
def test_a_mistake_about_what_comes_after_is_answered(text, what):
    assert problem(text).what == what


@pytest.mark.parametrize(
    "prefix", ["shipmate/", "release/", "ship-it/", "r", "a/b/c-", "a+b@", "_x.", "x.lock/", "a..b"]
)
def test_a_branch_prefix_is_taken_if_git_takes_the_branch(prefix: str):
    """More is refused than git refuses: a name that ends in a dot would need a tag that goes well with it."""
    taken = not configured(f'[release]\nbranch-prefix = "{prefix}"').problems
    legal = subprocess.run(["git", "check-ref-format", f"refs/heads/{prefix}v1.0.0"], check=False).returncode == 0
    assert taken == (legal and not prefix.endswith("."))


@pytest.mark.parametrize(
    "prefix",
    ["/x", "-x", ".x/", "a//b/", "a/.b/", "a b/", "a~", "a^", "a:", "a?", "a*", "a[", "@{", "refs/x/", "é/", 61 * "x"],
)
def test_a_branch_prefix_that_git_or_github_refuses_is_refused(prefix: str):
    found = problem(f'[release]\nbranch-prefix = "{prefix}"')
    assert found.where == ".github/release.toml:2"


SHIP = b"""on: {push: {tags: ['*']}}
jobs: {x: {runs-on: x, steps: [{run: cargo publish}, {run: maturin publish}]}}
"""
GROUPED = """
[[group]]
packages = ["lamp", "lamp-py"]
tag = "{version}"
publish = "ship.yml"
"""


def test_a_group_is_one_tag_and_one_workflow_for_all_its_packages():
    files = {**lamp(), ".github/release.toml": GROUPED.encode(), ".github/workflows/ship.yml": SHIP}
    found = discover(files)
    assert found.problems == ()
    assert [(group.packages, group.tag) for group in found.groups] == [
        (("crates.io:lamp", "pypi:lamp-py"), "{version}")
    ]
    assert {(package.tag, package.workflow) for package in found.packages} == {("{version}", "ship.yml")}
    assert found.packages[0].sources["tag"] == found.packages[0].sources["workflow"] == ".github/release.toml"


def test_a_group_of_the_workspace_holds_its_crates_and_what_is_built_from_them():
    found = configured('[[group]]\npackages = "workspace"\n')
    assert [group.packages for group in found.groups] == [("crates.io:lamp", "pypi:lamp-py")]
    assert {package.tag for package in found.packages} == {"v{version}"}


def test_the_first_table_of_the_file_is_what_a_bare_version_means():
    found = configured('[[group]]\npackages = ["lamp-py"]\n[[package]]\nname = "lamp"\n')
    assert [group.packages for group in found.groups] == [("pypi:lamp-py",), ("crates.io:lamp",)]
    assert found.has_clear_primary


@pytest.mark.parametrize(
    ("config", "line", "what", "fix"),
    [
        ("[[group]]\npackages = [\n'lamp',\n'lamp-pi']", 4, "no package `lamp-pi`", "Did you mean `lamp-py`?"),
        ("[[group]]\npackages = ['pypi:lamp']", 2, "no package `pypi:lamp`", "Known packages: lamp"),
        ("[[group]]\ntag = 'v{version}'", 1, "`[[group]]` has no `packages`", '"workspace"'),
        ("[[group]]\npackages = 'all'", 2, "`packages` must be a list of names", '"workspace"'),
        ("[[group]]\npackages = []", 2, "`packages` must be a list of names", '"workspace"'),
        ("[[group]]\npackages = ['lamp']\ntag = 'v1'", 3, "`tag` cannot be 'v1'", "{version}"),
        ("[[group]]\npackages = ['lamp']\npublish = 'a/b.yml'", 3, "`publish` cannot be", "publish.yml"),
        ("[[group]]\npackages = ['lamp']\npublish = 'no.yml'", 1, "no.yml does not exist", "Workflows"),
        ("[[group]]\npackages = ['lamp']\nname = 'x'", 3, "unknown key `name`", "packages, tag, publish"),
        (
            "[[group]]\npackages = ['lamp']\n[[group]]\npackages = ['lamp-py', 'lamp']",
            4,
            "`lamp` is in two groups",
            "one `[[group]]`",
        ),
        (
            "[[group]]\npackages = ['lamp']\ntag = 'a{version}'\n[[package]]\nname = 'lamp'\ntag = 'b{version}'",
            4,
            "`lamp` has the tag b{version}, and its group has a{version}",
            "Keep one",
        ),
        ("group = 3", 1, "`group` must be a list of tables", "[[group]]"),
    ],
)
def test_a_mistake_in_a_group_is_answered_with_its_line(config: str, line: int, what: str, fix: str):
    found = problem(config)
    assert (found.where, what in found.what, fix in found.fix) == (f".github/release.toml:{line}", True, True), found
