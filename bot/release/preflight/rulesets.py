"""What rulesets forbid of a release: the new tags, the release branch and its commit.

https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from bot.github.facts import NamePattern, Rule, Ruleset
from bot.packaging.problem import Problem
from bot.release.preflight.judgement import Judgement
from bot.release.preflight.patterns import fulfils, matches

BINDING = ("never", "pull_requests_only")
"""What `current_user_can_bypass` says where the App is bound when it pushes; any other value is no claim of ours.

https://docs.github.com/en/rest/repos/rules#get-a-repository-ruleset
"""
_NO_BRANCH: Mapping[str, str] = {
    "creation": "restricts creations",
    "update": "restricts updates, and the release's commit is one",
    # https://github.com/googleapis/repo-automation-bots/issues/5551
    "pull_request": "lets changes come through a pull request only, on that branch too",
    # Both of these: https://github.com/release-plz/action/issues/518
    "required_status_checks": "wants status checks of each commit before it is pushed",
    "merge_queue": "lets changes come through its merge queue only",
    # "must be successfully deployed to before refs can be pushed into a ref that matches this rule":
    # https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
    "required_deployments": "wants deployments of each commit before it is pushed",
}
"""The rules under which no commit can be made on a new branch, and what they do."""
_AUTHOR = "[bot]@users.noreply.github.com"
"""How the address ends that a commit of an App's has for its author: https://github.com/actions/create-github-app-token#readme"""
_COMMITTER = "noreply@github.com"
"""Of a commit that GitHub makes and signs for who asks for it, as the release's is.

https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification
"""
OF_BRANCHES = frozenset(
    {
        *_NO_BRANCH,
        *("branch_name_pattern", "commit_message_pattern", "commit_author_email_pattern", "committer_email_pattern"),
        "non_fast_forward",
    }
)
"""The rules that can forbid the release branch.

https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
"""
_WORDS = {"starts_with": "start with", "ends_with": "end with", "contains": "contain", "regex": "match"}
"""The operators of patterns: https://docs.github.com/en/rest/repos/rules#get-a-repository-ruleset"""


def about_tags(tags: Sequence[str], rulesets: Iterable[Ruleset]) -> Judgement:
    """What forbids to make these tags (short names); the rulesets are those of tags."""
    found = Judgement()
    for ruleset in _binding(rulesets):
        bound = [tag for tag in tags if _is_about(ruleset, f"refs/tags/{tag}")]
        for rule in ruleset.rules:
            if rule.kind == "creation" and bound:
                found += _forbidden("make the tags", _refs(bound), ruleset, "restricts creations")
            elif rule.kind == "tag_name_pattern" and rule.pattern is not None:
                found += _by_pattern("make the tags", "the tag's name", bound, _refs, ruleset, rule.pattern)
    return found


def about_branch(branch: str, messages: Sequence[str], rulesets: Iterable[Ruleset]) -> Judgement:
    """What forbids to make this branch with one commit; the rulesets are those that GitHub says apply to it.

    `messages` are ways to read the commit's message (its headline, the whole): a rule is broken where all of them are.
    """
    found, ref, act = Judgement(), f"refs/heads/{branch}", "make the release branch"
    for ruleset in _binding(rulesets):
        for rule in ruleset.rules:
            if rule.kind in _NO_BRANCH:
                found += _forbidden(act, ref, ruleset, _NO_BRANCH[rule.kind])
            elif rule.kind == "branch_name_pattern" and rule.pattern is not None:
                found += _by_pattern(act, "the branch's name", [branch], lambda _: ref, ruleset, rule.pattern)
            elif rule.kind == "commit_message_pattern" and rule.pattern is not None:
                found += _by_message(ref, messages, ruleset, rule)
            elif rule.kind in ("commit_author_email_pattern", "committer_email_pattern") and rule.pattern is not None:
                found += _by_address(ref, rule.kind, ruleset, rule.pattern)
            elif rule.kind == "non_fast_forward":
                found += Judgement(warnings=(_NO_FORCE.format(ruleset=_named(ruleset)),))
    return found


_NO_FORCE = (
    "The {ruleset} blocks force pushes on the release branch too: where the branch to release from moves on and the "
    "plan changes with it, I cannot bring this pull request up to date. Cancel it then and ask again."
)


def _by_address(ref: str, kind: str, ruleset: Ruleset, pattern: NamePattern) -> Judgement:
    """Certain of the committer's; of the author's only the end is known, of which nothing else is judged."""
    of_author = kind == "commit_author_email_pattern"
    address = _AUTHOR if of_author else _COMMITTER
    known = (
        not of_author
        or (pattern.operator == "ends_with" and len(pattern.pattern) <= len(_AUTHOR))
        or (pattern.operator == "contains" and pattern.pattern in _AUTHOR)
    )
    if not known:
        return Judgement()
    what = f"the {'author' if of_author else 'committer'}'s address (…{address})"
    return _by_pattern("commit to the release branch", what, [address], lambda _: ref, ruleset, pattern)


def _by_message(ref: str, messages: Sequence[str], ruleset: Ruleset, rule: Rule) -> Judgement:
    pattern = rule.pattern
    if pattern is None or any(fulfils(message, pattern) for message in messages):
        return Judgement()
    what = f"the commit message `{messages[0]}`"
    return _by_pattern("commit to the release branch", what, messages[:1], lambda _: ref, ruleset, pattern)


def _by_pattern(
    act: str,
    what: str,
    names: Sequence[str],
    refs: Callable[[Sequence[str]], str],
    ruleset: Ruleset,
    pattern: NamePattern,
) -> Judgement:
    wants = f"wants {what} to {'not ' if pattern.negate else ''}{_WORDS.get(pattern.operator, pattern.operator)}"
    wants = f"{wants} `{pattern.pattern}`"
    told = {name: fulfils(name, pattern) for name in names}
    broken = [name for name in names if told[name] is False]
    unsure = [name for name in names if told[name] is None]
    found = _forbidden(act, refs(broken), ruleset, wants) if broken else Judgement()
    if unsure:
        found += Judgement(warnings=(f"The {_named(ruleset)} {wants}; I cannot tell whether {refs(unsure)} does.",))
    return found


def _forbidden(act: str, where: str, ruleset: Ruleset, does: str) -> Judgement:
    what = f"I may not {act}: the {_named(ruleset)} {does}, and this App is not on its bypass list"
    fix = "Add the App to that ruleset's bypass list (Settings → Rules → Rulesets), or change the rule; then ask again."
    return Judgement((Problem(where, what, fix),))


def _named(ruleset: Ruleset) -> str:
    return f"ruleset “{ruleset.name}”{f' ({ruleset.url})' if ruleset.url else ''}"


def _binding(rulesets: Iterable[Ruleset]) -> Iterator[Ruleset]:
    return (ruleset for ruleset in rulesets if ruleset.bypass in BINDING)


def _is_about(ruleset: Ruleset, ref: str) -> bool:
    included = any(matches(pattern, ref) for pattern in ruleset.include)
    return included and not any(matches(pattern, ref) for pattern in ruleset.exclude)


def _refs(tags: Sequence[str]) -> str:
    return ", ".join(f"refs/tags/{tag}" for tag in tags)
