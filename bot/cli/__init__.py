"""The command line: one module a command, nothing imported before it is asked for."""

from datetime import datetime
from pathlib import Path

import click

from bot import __version__
from bot.packaging.registry import REGISTRIES, Registry


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="shipmate")
def main() -> None:
    """Shipmate carries a release from a comment to the verified registries."""


@main.command()
def serve() -> None:
    """Answer GitHub's webhooks and carry releases; settings come from the environment."""
    from bot.cli.serve import run

    run()


@main.command()
def web() -> None:
    """Only answer GitHub's webhooks; some `worker` on the same database carries the releases."""
    from bot.cli.serve import run

    run(work=False)


@main.command()
def worker() -> None:
    """Only carry releases; some `web` on the same database answers GitHub's webhooks."""
    from bot.cli.serve import run

    run(web=False)


@main.command()
@click.argument("spec", nargs=-1, required=True)
@click.option("--repo", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".", show_default=True)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Date for the changelog; default today in UTC.")
@click.option("--format", "output", type=click.Choice(["text", "diff", "json"]), default="text", show_default=True)
@click.option(
    "--changelog",
    type=click.Choice(["require", "draft", "skip"]),
    help="What to do about a section that nobody has written; default as configured, else draft.",
)
@click.option("--write", is_flag=True, help="Edit the files in place: all of them or none.")
def plan(
    spec: tuple[str, ...], repo: Path, day: datetime | None, output: str, changelog: str | None, write: bool
) -> None:
    """Plan a release offline: what would be committed. SPEC as in a comment: VERSION, or NAME VERSION …

    Exit 0: planned, 1: refused with its problems, 2: usage.
    """
    from bot.cli.plan import run

    date = day.date() if day else None
    raise SystemExit(run(spec, repo=repo, day=date, output=output, changelog=changelog, write=write))


@main.command()
@click.argument("registry", metavar=f"[{'|'.join(REGISTRIES)}]")
@click.argument("name")
@click.argument("version")
@click.option(
    "--expect",
    metavar="KEY,…",
    help="Files that a PyPI release must have: sdist, any, linux-x86_64, macos-arm64, …; default: as releases before.",
)
@click.option("--commit", metavar="SHA", help="The tag's commit, for the packaged commit and the provenance.")
@click.option("--repository", metavar="OWNER/NAME", help="The repository on GitHub that must have published it.")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--pypi-url", metavar="URL", help="Another PyPI; default the setting PYPI_URL.")
@click.option("--crates-url", metavar="URL", help="Another crates.io; default the settings CRATES_…_URL.")
def verify(
    registry: str,
    name: str,
    version: str,
    expect: str | None,
    commit: str | None,
    repository: str | None,
    output: str,
    pypi_url: str | None,
    crates_url: str | None,
) -> None:
    """Ask a registry whether a release is complete and usable: `verify pypi NAME VERSION`, `verify crates.io …`.

    Exit 0: verified, 1: wrong or missing, 2: usage, 3: the registry could not be asked.
    """
    from bot.cli.verify import Question, run

    where = Registry.named(registry)
    if where is None:
        raise click.BadParameter(f"{registry!r} is not one of {', '.join(REGISTRIES)}.", param_hint="REGISTRY")
    question = Question(where, name, version, expect, commit, repository, pypi_url, crates_url)
    raise SystemExit(run(question, output=output))


@main.command("live-check")
@click.argument("repository", metavar="OWNER/REPO", required=False)
@click.option("--record", type=click.Path(file_okay=False, path_type=Path), help="Empty folder for GitHub's answers.")
@click.option("--prepare", type=click.Path(file_okay=False, path_type=Path), help="Write the repository's files there.")
@click.option("--only", multiple=True, metavar="STEP", help="Only this step; may be given more than once.")
@click.option("--yes", is_flag=True, help="Ask nobody: what needs a person is not tried.")
@click.option(
    "--i-know",
    is_flag=True,
    help=(
        "Also on a repository that is not evidently a throw-away one. It pushes tags there, so every workflow with "
        "`on: push: tags: ['*']` starts: one that publishes does publish."
    ),
)
def live_check(
    repository: str | None, record: Path | None, prepare: Path | None, only: tuple[str, ...], yes: bool, i_know: bool
) -> None:
    """Try on a throw-away repository what only the real GitHub can tell; docs/live-check.md says how.

    Exit 0: all is as believed, 1: something is otherwise, 2: usage, 3: something could not be tried.
    """
    from bot.cli.live_check.run import prepare as write_files
    from bot.cli.live_check.run import run
    from bot.cli.live_check.steps import LIVE_STEPS

    if prepare is not None:
        raise SystemExit(write_files(prepare))
    if repository is None or record is None:
        raise click.UsageError("It takes OWNER/REPO and --record, or --prepare.")
    if unknown := set(only) - {step.name for step in LIVE_STEPS}:
        raise click.BadParameter(f"no such step: {', '.join(sorted(unknown))}", param_hint="--only")
    raise SystemExit(run(repository, into=record, only=only, know=i_know, yes=yes))


@main.command()
@click.option(
    "--repo",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Rehearse a release of this repository: a git checkout or a plain folder. It is copied, never touched.",
)
@click.option("--release", "spec", help='What to release, as in a comment: "0.5.0" or "name 0.5.0 other 0.4.0".')
@click.option(
    "--fail",
    multiple=True,
    metavar="WORD",
    help="Let something go wrong: ci, publish, publish=CAUSE (such as publish=token), approval, wheel=PLATFORM (such "
    "as wheel=linux-aarch64), abi=PLATFORM, sdist, late, rebuilt, pythons, readme, metadata, dependency, "
    "dirty, commit, fork, token, docs, stale, yanked, quarantined or deleted. The README says what each does; it may "
    "be given more than once.",
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Empty folder for the result; else a temporary one.",
)
@click.option("--brief", is_flag=True, help="One line for each thing that is said or done.")
def demo(repo: Path | None, spec: str | None, fail: tuple[str, ...], keep: Path | None, brief: bool) -> None:
    """Play a whole release on a GitHub that runs on loopback. Exit 0: released, 1: blocked, 2: usage."""
    try:
        from bot.cli.demo import run
    except ImportError as missing:
        if (missing.name or "").partition(".")[0] != "graphql":
            raise
        raise click.ClickException(
            "the demo needs the sandbox's packages: make demo, or pip install -r requirements/sandbox.txt"
        ) from missing
    raise SystemExit(run(repo=repo, spec=spec, fail=fail, keep=keep, brief=brief))
