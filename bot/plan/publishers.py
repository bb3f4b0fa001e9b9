"""Which workflow publishes a package, and the files that it promises."""

from dataclasses import replace

from bot.plan.repository import Source
from bot.plan.tags import TagFormat, TagFormats
from bot.workflows.building.promises import Expected, generated_files
from bot.workflows.releasing import Releasing


def publisher(source: Source, tag: TagFormat, formats: TagFormats) -> tuple[Releasing | None, str]:
    """The workflow that publishes a package as far as the files say, and where that stands."""
    publishers = formats.publishers(source.registry)
    examples = _examples(tag, source)
    waiting = [workflow for workflow in publishers if any(workflow.starts_for(example) for example in examples)]
    doing = (each for each in waiting if any(each.publishes_for(source.registry, example) for example in examples))
    others = [workflow for workflow in publishers if workflow.publishes and not workflow.tag_patterns]
    found = next(doing, None) or next(iter(waiting), None) or (others[0] if len(others) == 1 else None)
    return found, found.path if found else "none found"


def expected_of(source: Source, workflow: Releasing | None, tag: str) -> tuple[Expected, str]:
    """The files that a publish workflow makes when this tag is released, and where that stands."""
    if workflow is None:
        return Expected(), "none found"
    pyproject = source.project.file.data if source.project else {}
    expected = workflow.expected(tag, extension=source.crate is not None, pyproject=pyproject)
    if expected.files:
        return expected, workflow.path
    generated = replace(generated_files(pyproject), unknown=expected.unknown)
    return generated, source.file if generated.files else "none found"


def _examples(tag: TagFormat, source: Source) -> list[str]:
    return [tag.example(version) for version in ("1.2.3", source.version or "")]


def likely(workflow: Releasing | None, tag: TagFormat, source: Source) -> str:
    """A tag as the next release may have it: one that starts the workflow, if any does."""
    examples = _examples(tag, source)
    return next((each for each in examples if workflow and workflow.starts_for(each)), examples[0])
