"""On which CPythons pip installs the release, computed from tags as pip does it, for each platform."""

from collections.abc import Iterator

from bot.packaging.wheels import Python, by_platform, served, written
from bot.registries.pypi.judging.files import Files
from bot.release.verification.verdict import Line, Mark


def install_lines(files: Files) -> Iterator[Line]:
    """One line for the platforms that a wheel serves alike; notes where pip must build, or finds nothing."""
    wanted = files.window & files.allowed
    promised = [key for key in files.expected if key not in ("sdist", "any")]
    platforms = [key for key in promised if key in files.there and files.unfit(key) is None]
    anywhere = served(files.there.get("any", ())) & wanted
    if not wanted or not files.names:
        return
    if not platforms:
        yield from _without_platforms(files, wanted, anywhere)
        return
    everywhere = len(promised) if "any" in files.there or "any" not in files.expected else None
    groups: dict[frozenset[Python], list[str]] = {}
    for key in platforms:
        groups.setdefault((served(files.there[key]) & wanted) | anywhere, []).append(key)
    for has, keys in sorted(groups.items(), key=lambda group: -len(group[1])):
        where = "every platform" if len(keys) == everywhere else ", ".join(keys)
        if has:
            yield Line(Mark.OK, f"pip installs a wheel on CPython {written(has)} on {where}")
        rest = wanted - has
        if rest and "sdist" in files.there:
            yield Line(Mark.NOTE, f"on CPython {written(rest)} pip builds the sdist on {where}")
        elif rest and has:
            yield Line(Mark.NOTE, f"on CPython {written(rest)} pip finds nothing to install on {where}")
    without = [key for key in promised if key not in platforms]
    if without and not anywhere:
        instead = "builds the sdist" if "sdist" in files.there else "finds nothing to install"
        yield Line(Mark.NOTE, f"without a wheel that fits, pip {instead} on {', '.join(without)}")


def _without_platforms(files: Files, wanted: frozenset[Python], anywhere: frozenset[Python]) -> Iterator[Line]:
    if anywhere:
        yield Line(Mark.OK, f"pip installs its wheel on CPython {written(anywhere)} everywhere")
    elif "sdist" in files.there and not any(key for key in by_platform(files.names) if key != "sdist"):
        yield Line(Mark.OK, f"pip builds its sdist on CPython {written(wanted)}")
