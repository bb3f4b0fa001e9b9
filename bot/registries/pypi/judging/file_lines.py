"""What is said of each file of a PyPI release: a line for each that is expected, and notes on what is beside them."""

from collections.abc import Iterator

from bot.packaging.platforms import position
from bot.packaging.wheels import tag_text, written
from bot.registries.pypi.judging.files import HOLE, LOST, PEERS, Files
from bot.registries.pypi.judging.history import instead
from bot.release.verification.verdict import Circumstances, Line, Mark, some_of


def file_lines(files: Files, circumstances: Circumstances, link: str) -> Iterator[Line]:
    """One line for each expected file, and notes on what is beside them."""
    for key in files.expected:
        if key in files.there:
            yield from _present(files, key, link)
        else:
            yield _missing(files, key, circumstances, link)
    extra = [key for key in sorted(files.there, key=position) if key not in files.expected]
    if extra:
        yield Line(Mark.NOTE, f"besides what was promised there {_is(extra)} {', '.join(map(title, extra))}", link)
    strange = [name for name in files.names if name not in {each for names in files.there.values() for each in names}]
    if strange:
        then = "pip does not install these kinds of file."
        yield Line(Mark.NOTE, f"not an sdist nor a wheel for a known platform: {some_of(strange)}", link, then)


def _present(files: Files, key: str, link: str) -> Iterator[Line]:
    names = files.there[key]
    if expected := files.unfit(key):
        text = f"{title(key)} cannot be used: it is tagged {tag_text(names)}, expected is {expected}"
        then = "Mend the build: look at the interpreter, or the abi3 feature, that it was given."
        then = f"{then} {_add(files, 'A right wheel')}"
        yield Line(Mark.FAILED, text, link, then)
        return
    yield Line(Mark.OK, title(key) if key == "sdist" else f"{title(key)} ({tag_text(names)})")
    unbuilt = files.unbuilt(key)
    if unbuilt:
        then = f"Look at the build of those interpreters. {_add(files, 'The missing wheels')}"
        yield Line(Mark.FAILED, f"{title(key)} for {', '.join(unbuilt)} is missing, the workflow builds it", link, then)
        return
    yield from _gaps(files, key, link)


def _gaps(files: Files, key: str, link: str) -> Iterator[Line]:
    then = f"Look why they were not built. {_add(files, 'The missing wheels')}"
    lacking = files.lacking(key)
    for why in (LOST, HOLE):
        if missing := lacking.get(why):
            yield Line(Mark.FAILED, f"{title(key)} for CPython {written(missing)} is missing: {why}", link, then)
    if missing := lacking.get(PEERS):
        yield Line(Mark.NOTE, f"{title(key)} does not serve CPython {written(missing)}, most platforms do", link)
    lost, others_have_it = files.lost_others(key)
    if lost:
        text = f"{title(key)} for {', '.join(sorted(lost))} is missing: {LOST}"
        yield Line(Mark.FAILED if others_have_it else Mark.NOTE, text, link, then)
    if missing_here := files.lacking_threaded(key):
        yield Line(Mark.NOTE, f"{title(key)} has none for {', '.join(sorted(missing_here))}, most platforms do", link)


def _missing(files: Files, key: str, circumstances: Circumstances, link: str) -> Line:
    why = "" if key in files.named else ", which releases before had"
    if circumstances.may_still_come:
        then = "It is not known whether the publish run still goes on: look again in a while."
        return Line(Mark.WAITING, f"{title(key)} is not there yet{why}", link, then)
    if not files.is_sure(key):
        seems = ", which the workflow seems to build" if key in files.named else f"{why}; the workflow seems not to"
        return Line(Mark.NOTE, f"{title(key)} is not there{seems}", link)
    return Line(Mark.FAILED, f"{title(key)} is missing{why}", link, _what_to_do(files, key))


def _what_to_do(files: Files, key: str) -> str:
    if key in files.may_fail:
        hint = (
            "Its job has `continue-on-error`, so the workflow ends well without it: look at that job's log, and take "
            "the setting away."
        )
    else:
        hint = "Look at the job that builds it and at the upload step."
    back = instead(files.neighbours, key)
    if key not in ("sdist", "any") and "sdist" not in files.there and back:
        return f"{hint} Until it is there, pip goes back to {back} on that platform."
    dropped = "" if files.promised else " If it was dropped on purpose, list what is left as `files` (or `--expect`)."
    return f"{hint} {_add(files, 'The file')}{dropped}"


def _add(files: Files, what: str) -> str:
    if files.is_closed:
        return "PyPI takes no more files for this version: publish the next one."
    return f"{what} can be added to this version while PyPI takes files."


def title(key: str) -> str:
    """A platform key as it is said."""
    return {"sdist": "sdist", "any": "wheel for any platform"}.get(key, f"{key} wheel")


def _is(several: list[str]) -> str:
    return "is" if len(several) == 1 else "are"
