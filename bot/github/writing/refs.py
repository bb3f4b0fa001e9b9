"""Moving refs as `git push` does: all of a push or none, and each only from where it was seen.

GitHub starts workflows for what an App pushes:
https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/trigger-a-workflow
What has not been tried on the real GitHub: docs/live-check.md#refs-by-push.
"""

from collections.abc import Sequence

from bot.github.errors import (
    AlreadyExists,
    GitHubError,
    Invalid,
    RulesViolated,
    StaleData,
    Unavailable,
    WorkflowsDiffer,
)
from bot.github.facts import RepositoryRef
from bot.github.transport.client import Client
from bot.github.writing.receive_pack import (
    NO_OBJECT,
    Advertisement,
    ProtocolError,
    RefUpdate,
    Report,
    TagObject,
    push_request,
    read_advertisement,
    read_report,
)

RULES = ("repository rule violations", "protected branch", "pre-receive hook declined")
"""How a push ends that a rule forbids: https://github.com/opensearch-project/.github/issues/531 (rulesets) and
https://github.com/desktop/dugite/issues/138 (branch protection); the last is what git itself says, and GitHub
Enterprise Server with hooks of its own.
"""
VIOLATED = "error: GH013: Repository rule violations found for {}."
"""https://github.com/opensearch-project/.github/issues/531"""
WORKFLOWS = "refusing to allow a GitHub App to create or update workflow"
"""https://github.com/actions/checkout/issues/1421"""
NOT_THE_CAUSE = ("Review all repository rules at", "error: GH")
"""Lines around those that name the rules: https://github.com/opensearch-project/.github/issues/531"""


async def push(
    client: Client, repository: RepositoryRef, updates: Sequence[RefUpdate], tags: Sequence[TagObject] = ()
) -> None:
    """Move these refs, all or none; `tags` are the objects among their new values that GitHub does not have.

    AlreadyExists when a ref is there that is to be made, StaleData when one is not where `old` says (look again);
    RulesViolated, WorkflowsDiffer and Forbidden when somebody has to change something first; Invalid for any other
    refusal; after Unavailable it may have happened.
    """
    offered = (await _advertised(client, repository, updates)).capabilities
    try:
        body = push_request(updates, offered, tags)
        answer = await client.push(repository.full_name, body)
        report = read_report(answer, updates, offered)
    except ProtocolError as strange:
        raise Unavailable(f"GitHub did not answer as git does: {strange}") from strange
    if report.refused:
        raise await _refusal(client, repository, updates, report)


async def _advertised(client: Client, repository: RepositoryRef, updates: Sequence[RefUpdate]) -> Advertisement:
    try:
        answer = await client.advertised_refs(repository.full_name)
        return read_advertisement(answer, {update.name for update in updates})
    except ProtocolError as strange:
        raise Unavailable(f"GitHub did not answer as git does: {strange}") from strange


async def _refusal(
    client: Client, repository: RepositoryRef, updates: Sequence[RefUpdate], report: Report
) -> GitHubError:
    """What a refusal means. Servers word it differently when a ref is elsewhere, so that is looked at, not read."""
    acts = {update.name: f"{update.act} {update.name}" for update in updates}
    for name, reason in report.refused.items():
        if WORKFLOWS.lower() in reason.lower():
            return WorkflowsDiffer(acts[name], reason)
    for reason in report.refused.values():
        if any(words in reason.lower() for words in RULES):
            return RulesViolated(acts[_broken(report)], _rules(report) or (reason,))
    now = (await _advertised(client, repository, updates)).refs
    for update in updates:
        stands = now.get(update.name, NO_OBJECT)
        if stands != update.old:
            if update.old == NO_OBJECT:
                return AlreadyExists(f"{update.name} already exists")
            return StaleData(f"{update.name} is not at {update.old[:10]} any more")
    name, reason = next(iter(report.refused.items()))
    return Invalid("; ".join(dict.fromkeys([f"GitHub refuses to {acts.get(name, name)}: {reason}", *report.remarks])))


def _broken(report: Report) -> str:
    """The ref that a rule is about: a push is declined whole, and the remarks name which it was for."""
    named = (name for name in report.refused if VIOLATED.format(name) in report.remarks)
    return next(named, next(iter(report.refused)))


def _rules(report: Report) -> tuple[str, ...]:
    """The lines that say which rule it was; GitHub puts a dash before each."""
    lines = [line.removeprefix("error: ") for line in report.remarks if not line.startswith(NOT_THE_CAUSE)]
    dashed = [line.removeprefix("- ").strip() for line in lines if line.startswith("- ")]
    return tuple(dict.fromkeys(dashed or lines))
