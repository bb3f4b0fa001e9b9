"""What happens on GitHub and can start a workflow, and what a run then sees of it in its `github` context.

Events: https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows. Context:
https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.workflows.values import UNKNOWN, Partial, Value

_ALWAYS = ("repository", "sender", "organization", "enterprise", "installation")
_PUSH = ("before", "after", "base_ref", "compare", "commits", "created", "deleted", "forced", "head_commit", "pusher")
"""Keys of a push's payload: https://docs.github.com/en/webhooks/webhook-events-and-payloads#push."""
_RUN = ("action", "workflow", "workflow_run")


@dataclass(frozen=True, eq=False, slots=True)
class Event:
    """One thing that happened."""

    name: str
    """As in `on`."""
    github: Mapping[str, Value]
    """The `github` context; what is not in it is not known."""
    action: str = ""
    """`published`, `opened`, …; empty for events without kinds."""
    base: str = ""
    """Branch into which a pull request goes."""
    paths: Collection[str] | None = field(default=None, repr=False)
    """What the push or pull request changes; None when it is not known."""

    @property
    def ref(self) -> Value:
        """`refs/tags/v1.0.0`; UNKNOWN where it is."""
        return self.github.get("ref", UNKNOWN)


def push(ref: str, paths: Collection[str] | None = None, **github: Value) -> Event:
    """A push to a branch or of a tag, by its full name. What else is known of the context may be given."""
    made = ref.startswith("refs/tags/")
    payload = {**_payload(_PUSH), "ref": ref, **({"created": True, "deleted": False} if made else {})}
    return Event("push", _github("push", ref, payload, github), paths=paths)


def push_of_tag(tag: str, **github: Value) -> Event:
    """A new tag."""
    return push(f"refs/tags/{tag}", **github)


def release(tag: str, action: str = "published", **github: Value) -> Event:
    """A GitHub Release that is neither a draft nor there before."""
    about = Partial(tag_name=tag, draft=False)
    payload = {**_payload(()), "action": action, "release": about}
    return Event("release", _github("release", f"refs/tags/{tag}", payload, github), action)


def created(branch: str, **github: Value) -> Event:
    """A new branch."""
    payload = {**_payload(("master_branch", "description")), "ref": branch, "ref_type": "branch"}
    return Event("create", _github("create", f"refs/heads/{branch}", payload, github))


def deleted(branch: str, default: str = "", **github: Value) -> Event:
    """A branch that is no more; its run sees the `default` branch, where that is known."""
    payload = {**_payload(()), "ref": branch, "ref_type": "branch"}
    return Event("delete", _github("delete", f"refs/heads/{default}" if default else UNKNOWN, payload, github))


def finished_run(
    of: str,
    head: str,
    by: str = "push",
    *,
    action: str = "completed",
    conclusion: str | None = "success",
    **github: Value,
) -> Event:
    """The run of another workflow (by its name), started by a push of `head` or another event, that ended well; or
    another `action`, and another end.
    """
    run = Partial(name=of, event=by, conclusion=conclusion, status=action, head_branch=head)
    payload = {**_payload(_RUN), "action": action, "workflow_run": run}
    return Event("workflow_run", _github("workflow_run", UNKNOWN, payload, github), action)


def merge_group(base: str, ref: Value = UNKNOWN, **github: Value) -> Event:
    """A merge queue asks whether what it would push to its `base` branch is good; `ref` is the queue's own branch.

    Filters are held against the base: https://github.com/github/docs/pull/43500 and
    https://github.blog/changelog/2022-08-18-merge-group-webhook-event-and-github-actions-workflow-trigger/.
    """
    payload = {**_payload(("merge_group",)), "action": "checks_requested"}
    return Event("merge_group", _github("merge_group", ref, payload, github), "checks_requested", base)


def schedule(cron: str, ref: str, **github: Value) -> Event:
    """The time has come that an `on: schedule` names; its run sees the default branch, `ref`."""
    payload = {**_payload(()), "schedule": cron}
    return Event("schedule", _github("schedule", ref, payload, github))


def dispatch(**github: Value) -> Event:
    """A person starts it, on a ref and with inputs that are not known."""
    payload = _payload(("inputs", "ref", "workflow"))
    return Event("workflow_dispatch", _github("workflow_dispatch", UNKNOWN, payload, github))


def anything() -> Event:
    """What nothing is known of."""
    return Event("", Partial())


def pull_request(number: int, base: str, action: str, paths: Collection[str], **github: Value) -> Event:
    """Something done to a pull request; its run sees the merge with the base."""
    payload = {**_payload(("pull_request", "number")), "action": action}
    context = _github("pull_request", f"refs/pull/{number}/merge", payload, {"base_ref": base, **github})
    return Event("pull_request", context, action, base, paths)


def pull_request_target(base: str, action: str, paths: Collection[str], **github: Value) -> Event:
    """The same for a workflow that runs on the base branch.

    Whose file that is, base's or default branch's: docs/live-check.md#bot-started-workflows
    """
    payload = {**_payload(("pull_request", "number")), "action": action}
    context = _github("pull_request_target", f"refs/heads/{base}", payload, {"base_ref": base, **github})
    return Event("pull_request_target", context, action, base, paths)


def _payload(keys: Collection[str]) -> dict[str, Any]:
    """A payload of which only the keys are known; what it has not is null."""
    return dict.fromkeys((*keys, *_ALWAYS), UNKNOWN)


def _github(event: str, ref: Value, payload: Mapping[str, Any], known: Mapping[str, Value]) -> Partial:
    """What is known of the payload besides may be given as `event`."""
    whole = {**payload, **known.get("event", {})}
    context = Partial(event_name=event, ref=ref, base_ref="", head_ref="")
    if isinstance(ref, str):
        kind, _, name = ref.removeprefix("refs/").partition("/")
        context |= {"ref_name": name, "ref_type": "tag" if kind == "tags" else "branch"}
    return Partial({**context, **known, "event": whole})
