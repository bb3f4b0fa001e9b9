"""`verify`: is a release complete on its registry? The engine of the App, without GitHub."""

import asyncio
import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import TextIOWrapper
from typing import Any

import aiohttp
import click
from rich.console import Console
from rich.markup import escape

from bot import USER_AGENT
from bot.clock import Clock, SystemClock
from bot.packaging.names import mistake_in_name
from bot.packaging.platforms import allowed_words, named_platforms
from bot.packaging.registry import REGISTRIES, Registry
from bot.packaging.versions import is_valid
from bot.plan.listed import listed
from bot.registries import Access, Registries
from bot.registries.crates_io.another import index_and_files
from bot.registries.reader import Reader
from bot.release.facts import Timeouts
from bot.release.model import ReleasePackage
from bot.release.verification.judge import Mark, Origin, State, Verdict, judge
from bot.settings import Addresses, SettingsError, mistake_in_address

VERIFIED, WRONG, USAGE, UNREACHABLE = 0, 1, 2, 3
INTERRUPTED = 130
"""What shells say of Ctrl-C; 1 would say that something is wrong with the release."""

_EXIT = {
    State.COMPLETE: VERIFIED,
    State.INCOMPLETE: WRONG,
    State.PROPAGATING: WRONG,
    State.UNREACHABLE: UNREACHABLE,
}
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_SUMMARY = {
    State.COMPLETE: "[bold green]verified[/]",
    State.INCOMPLETE: "[bold red]not complete[/]",
    State.PROPAGATING: "[bold yellow]not complete yet[/]",
    State.UNREACHABLE: "[bold yellow]could not be asked[/]",
}
_SIGNS = {
    Mark.OK: "[green]✓[/]",
    Mark.FAILED: "[bold red]✗[/]",
    Mark.WAITING: "[yellow]…[/]",
    Mark.NOTE: "[blue]·[/]",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked on the command line."""

    registry: Registry
    name: str
    version: str
    expect: str | None = None
    commit: str | None = None
    repository: str | None = None
    pypi_url: str | None = None
    crates_url: str | None = None


def run(question: Question, *, output: str) -> int:
    """Ask, judge and show; the exit code: 0 verified, 1 wrong or missing, 2 usage, 3 could not be asked."""
    package = _package(question)
    try:
        addresses = Addresses.from_env(os.environ)
    except SettingsError as mistake:
        raise click.UsageError(str(mistake)) from None
    # That a read is tried again is no news on a terminal.
    logging.getLogger("stamina").setLevel(logging.ERROR)
    try:
        verdict = asyncio.run(_ask(question, package, addresses, SystemClock()))
    except KeyboardInterrupt:
        return INTERRUPTED
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal knows a check mark
    show = {"text": _show_text, "json": _show_json}[output]
    show(verdict)
    return _EXIT[verdict.state]


def _package(question: Question) -> ReleasePackage:
    """The package as the engine knows it; a usage error for what cannot be meant."""
    registry = question.registry
    if mistake := mistake_in_name(registry, question.name):
        what = f"{question.name!r} is no name of {registry.noun}: it {mistake}"
        raise click.BadParameter(what, param_hint="NAME")
    if not is_valid(registry.scheme, question.version):
        what = f"{question.version!r} is no version of {registry.noun}, such as 0.5.0"
        raise click.BadParameter(what, param_hint="VERSION")
    if question.expect is not None and not registry.several_files:
        several = listed(each.label for each in REGISTRIES.values() if each.several_files)
        raise click.UsageError(f"{registry.noun} is one file: --expect is for {several}")
    if question.commit is not None and not _is_commit(question.commit):
        raise click.BadParameter(f"{question.commit!r} is no commit (7 to 64 hex digits)", param_hint="--commit")
    if question.repository is not None and not _REPOSITORY.fullmatch(question.repository):
        raise click.BadParameter(f"{question.repository!r} is not OWNER/NAME", param_hint="--repository")
    for option, url in (("--pypi-url", question.pypi_url), ("--crates-url", question.crates_url)):
        if url is not None and (mistake := mistake_in_address(url)):
            raise click.BadParameter(f"it {mistake}, not {url!r}", param_hint=option)
    return ReleasePackage(
        name=question.name,
        registry=question.registry,
        path=".",
        manifest="",
        old="",
        new=question.version,
        tag="",
        workflow=None,
        files=_expected(question.expect),
        notes="",
        drafted=False,
    )


def _is_commit(text: str) -> bool:
    return 7 <= len(text) <= 64 and set(text.lower()) <= set("0123456789abcdef")


def _expected(text: str | None) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for word in filter(None, ((text or "").replace(",", " ")).split()):
        meant = named_platforms(word)
        if meant is None:
            raise click.BadParameter(f"{word!r} is no platform key. {allowed_words()}.", param_hint="--expect")
        keys |= dict.fromkeys(meant)
    if text is not None and not keys:
        raise click.BadParameter("name at least one file, such as sdist or linux-x86_64", param_hint="--expect")
    return tuple(keys)


async def _ask(question: Question, package: ReleasePackage, addresses: Addresses, clock: Clock) -> Verdict:
    async with aiohttp.ClientSession() as session:
        if question.pypi_url:
            addresses = replace(addresses, pypi=question.pypi_url)
        if question.crates_url:
            addresses = await _elsewhere(session, question.crates_url, addresses, clock)
        registries = Registries(
            Access(
                session,
                user_agent=USER_AGENT,
                clock=clock,
                crates_api_url=addresses.crates_api,
                crates_index_url=addresses.crates_index,
                crates_static_url=addresses.crates_static,
                docs_url=addresses.docs_rs,
                pypi_url=addresses.pypi,
            )
        )
        found = await registries.look(package)
    origin = Origin(
        repositories=(question.repository,) if question.repository else (),
        commit=question.commit.lower() if question.commit else None,
    )
    return judge(package, found, published_at=None, now=clock.now(), timeouts=Timeouts(), origin=origin)


async def _elsewhere(session: aiohttp.ClientSession, url: str, addresses: Addresses, clock: Clock) -> Addresses:
    """The addresses with another registry in the place of crates.io; docs.rs knows nothing of that one."""
    url = url.rstrip("/")
    if url == Addresses().crates_api:
        return addresses
    reader = Reader(session, registry="crates.io", user_agent=USER_AGENT, clock=clock)
    index, files = await index_and_files(reader, url)
    return replace(addresses, crates_api=url, crates_index=index, crates_static=files, docs_rs="")


def _show_text(verdict: Verdict) -> None:
    console = Console(highlight=False, soft_wrap=True)
    package = verdict.package
    heading = f"[bold]{escape(package.name)} {escape(package.new)}[/] on {package.registry.label}"
    console.print(f"{heading}: {_SUMMARY[verdict.state]}\n")
    for line in verdict.lines:
        style = {Mark.OK: "", Mark.NOTE: "dim"}.get(line.mark, "bold")
        said = _printable(line.text)
        text = f"[{style}]{escape(said)}[/]" if style else escape(said)
        where = f"  [dim]{escape(line.link)}[/]" if line.link and line.mark in (Mark.FAILED, Mark.WAITING) else ""
        console.print(f"  {_SIGNS[line.mark]} {text}{where}")
        if line.then:
            console.print(f"      [dim]→[/] {escape(line.then.replace('`', ''))}")
    console.print(f"\n{_counted(verdict)}")


def _printable(text: str) -> str:
    """Without line breaks and control characters: a registry's words may hold any, and a terminal obeys them."""
    return "".join(each if each.isprintable() else " " for each in text)


def _counted(verdict: Verdict) -> str:
    counts = (
        (Mark.FAILED, "wrong or missing", "red"),
        (Mark.WAITING, "awaited", "yellow"),
        (Mark.OK, "in order", "green"),
        (Mark.NOTE, "to note", "blue"),
    )
    found = ((sum(line.mark is mark for line in verdict.lines), words, colour) for mark, words, colour in counts)
    return ", ".join(f"[{colour}]{number} {words}[/]" for number, words, colour in found if number)


def _show_json(verdict: Verdict) -> None:
    click.echo(json.dumps(as_json(verdict), indent=2))


def as_json(verdict: Verdict) -> Mapping[str, Any]:
    """The verdict as documented: every key is always there."""
    return {
        "registry": str(verdict.package.registry),
        "name": verdict.package.name,
        "version": verdict.package.new,
        "verdict": verdict.state.name.lower(),
        "verified": verdict.state is State.COMPLETE,
        "lines": [
            {"mark": line.mark.name.lower(), "text": line.text, "link": line.link, "then": line.then}
            for line in verdict.lines
        ],
    }
