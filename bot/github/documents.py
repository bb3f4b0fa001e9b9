"""Every GraphQL document that the bot sends. Those with one part per file or tag are built from a count, so that
values travel as variables and never inside the text.
"""

from enum import StrEnum

_PAGE_INFO = "pageInfo { hasNextPage endCursor }"

_PULL_REQUEST = """
fragment PullRequestFields on PullRequest {
  id number url state viewerDidAuthor headRefOid baseRefName mergeCommit { oid } mergedAt mergedBy { login }
  isInMergeQueue
}"""

# An annotated tag leads to a commit; a tag of a tag is followed once more.
_TARGET = """
fragment TargetFields on GitObject { oid ... on Tag { target { oid ... on Tag { target { oid } } } } }"""

# The same with the date of the commit: of a tag, `TAG_COMMIT_DATE` orders by it and does not tell it.
_DATED = """
fragment DatedFields on GitObject {
  oid ... on Commit { committedDate } ... on Tag { target {
    oid ... on Commit { committedDate } ... on Tag { target { oid ... on Commit { committedDate } } }
  } }
}"""

# Of a workflow run, GraphQL tells neither its attempt nor a tag's name.
_REPORTED = f"""
fragment Reported on Commit {{
  oid committedDate message parents(first: 1) {{ nodes {{ oid }} }}
  checkSuites(first: 100, after: $afterSuites) {{
    {_PAGE_INFO}
    nodes {{
      status conclusion createdAt branch {{ name }}
      workflowRun {{ databaseId event runNumber url updatedAt workflow {{ databaseId name }} file {{ path }} }}
    }}
  }}
  statusCheckRollup {{ contexts(first: 100, after: $afterContexts) {{
    {_PAGE_INFO}
    nodes {{
      __typename
      ... on CheckRun {{
        name status conclusion detailsUrl
        checkSuite {{ app {{ slug databaseId }} branch {{ name }} workflowRun {{ databaseId }} }}
      }}
      ... on StatusContext {{ context state targetUrl }}
    }}
  }} }}
}}"""

BASE = f"""
query Base(
  $owner: String!, $name: String!, $branch: String!, $named: Boolean!, $after: String
  $reported: Boolean!, $afterSuites: String, $afterContexts: String
) {{
  repository(owner: $owner, name: $name) {{
    id
    branch: ref(qualifiedName: $branch) @include(if: $named) {{ ...Head }}
    defaultBranchRef @skip(if: $named) {{ ...Head }}
    refs(refPrefix: "refs/tags/", first: 100, after: $after, orderBy: {{field: TAG_COMMIT_DATE, direction: DESC}}) {{
      {_PAGE_INFO} nodes {{ name target {{ ...DatedFields }} }}
    }}
  }}
}}
fragment Head on Ref {{ name target {{ oid ...Reported @include(if: $reported) }} }}{_REPORTED}{_DATED}"""
"""Branch to release from (`$branch` when `$named`, else the default one), the first page of what was reported about
its newest commit when `$reported`, and one page of tags.
"""

_MERGED = """
          oid message committedDate author { name user { id login } }
          associatedPullRequests(first: 1) { nodes {
            number title body author { __typename login ... on User { id } } labels(first: 20) { nodes { name } }
          } }"""


def authors_document(authors: int) -> str:
    """Whether each of some accounts made a commit up to one."""
    variables = "".join(f", $author{index}: ID!" for index in range(authors))
    histories = "".join(
        f" a{index}: history(first: 1, author: {{id: $author{index}}}) {{ nodes {{ oid }} }}"
        for index in range(authors)
    )
    return f"""
query Authors($owner: String!, $name: String!, $commit: String!{variables}) {{
  repository(owner: $owner, name: $name) {{
    object(expression: $commit) {{ ... on Commit {{{histories} }} }}
  }}
}}"""


def changes_document(paths: int) -> str:
    """One page of the commits since a tag and one of those that touch each of some paths, each of `$count`."""
    variables = "".join(f", $path{index}: String, $after{index}: String" for index in range(paths))
    histories = "".join(
        f"""
      h{index}: history(first: $count, path: $path{index}, after: $after{index}) {{
        {_PAGE_INFO}
        nodes {{ {_MERGED} }}
      }}"""
        for index in range(paths)
    )
    return f"""
query Changes(
  $owner: String!, $name: String!, $head: String!, $tag: String!, $tagged: Boolean!, $count: Int!
  $afterCompared: String{variables}
) {{
  repository(owner: $owner, name: $name) {{
    tag: ref(qualifiedName: $tag) @include(if: $tagged) {{
      compare(headRef: $head) {{ commits(first: $count, after: $afterCompared) {{ {_PAGE_INFO} nodes {{ oid }} }} }}
    }}
    object(expression: $head) {{ ... on Commit {{{histories}
    }} }}
  }}
}}"""


CHECKS = f"""
query Checks(
  $owner: String!, $name: String!, $commit: String!, $afterSuites: String, $afterContexts: String
) {{
  repository(owner: $owner, name: $name) {{ object(expression: $commit) {{ ...Reported }} }}
}}{_REPORTED}"""
"""One page of what was reported about a commit: of the suites, workflow runs among them, and of single checks."""

HISTORY = """
query History($owner: String!, $name: String!, $oid: String!, $first: Int!) {
  repository(owner: $owner, name: $name) {
    object(expression: $oid) {
      ... on Commit { history(first: $first) {
        nodes { oid message committedDate parents(first: 2) { nodes { oid } } }
      } }
    }
  }
}"""
"""A commit and the newest before it."""

COMMIT = """
query Commit($owner: String!, $name: String!, $oid: String!) {
  repository(owner: $owner, name: $name) {
    object(expression: $oid) {
      ... on Commit { oid message committedDate parents(first: 2) { nodes { oid } } }
    }
  }
}"""
"""One commit."""

BEFORE_OPENING = f"""
query BeforeOpening($owner: String!, $name: String!, $branch: String!, $head: String!) {{
  repository(owner: $owner, name: $name) {{
    branch: ref(qualifiedName: $branch) {{
      target {{ oid ... on Commit {{ message parents(first: 2) {{ nodes {{ oid }} }} }} }}
    }}
    pullRequests(headRefName: $head, first: 5, orderBy: {{field: CREATED_AT, direction: DESC}}) {{
      nodes {{ ...PullRequestFields body }}
    }}
  }}
}}{_PULL_REQUEST}"""
"""What stands already of a release branch, its commit and its pull request."""

OWN_PULL_REQUESTS = f"""
query Ledger($owner: String!, $name: String!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    pullRequests(first: 50, after: $after, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{
      {_PAGE_INFO} nodes {{ ...PullRequestFields title body headRefName changedFiles createdAt updatedAt }}
    }}
  }}
}}{_PULL_REQUEST}"""
"""One page of a repository's pull requests, the last that changed first."""

BEFORE_FOLLOWING = """
query BeforeFollowing($owner: String!, $name: String!, $branch: String!, $next: String!) {
  repository(owner: $owner, name: $name) {
    branch: ref(qualifiedName: $branch) { ...Made }
    next: ref(qualifiedName: $next) { ...Made }
  }
}
fragment Made on Ref { target { oid ... on Commit { message parents(first: 2) { nodes { oid } } } } }"""
"""Where a release branch and its successor, which is being made, stand."""

DOWNSTREAM = f"""
query Neighbour($owner: String!, $name: String!, $head: String!) {{
  repository(owner: $owner, name: $name) {{
    isPrivate defaultBranchRef {{ name target {{ oid }} }}
    pullRequests(headRefName: $head, first: 5, orderBy: {{field: CREATED_AT, direction: DESC}}) {{
      nodes {{ ...PullRequestFields }}
    }}
  }}
}}{_PULL_REQUEST}"""
"""Where another repository stands, and what became of our pull request there."""

BOARD = """
query Board($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    discussionCategories(first: 100) { nodes { id name slug } }
    discussions(first: 50, orderBy: {field: CREATED_AT, direction: DESC}) { nodes { url body viewerDidAuthor } }
  }
}"""
"""The discussion categories of a repository and its newest discussions."""

START_DISCUSSION = """
mutation StartDiscussion($input: CreateDiscussionInput!) { createDiscussion(input: $input) { discussion { url } } }"""

COMMENT_STATES = """
query Standings($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on IssueComment { databaseId lastEditedAt reactionGroups { content viewerHasReacted } }
  }
}"""
"""What became of comments, by their ids."""


def files_document(count: int) -> str:
    """Read `count` blobs as `f0`, `f1`, … by the expressions `$e0`, `$e1`, … (`commit:path`)."""
    variables = ", ".join(f"$e{index}: String!" for index in range(count))
    blobs = "\n    ".join(f"f{index}: object(expression: $e{index}) {{ ...BlobFields }}" for index in range(count))
    return f"""
query Files($owner: String!, $name: String!, {variables}) {{
  repository(owner: $owner, name: $name) {{
    {blobs}
  }}
}}
fragment BlobFields on GitObject {{ __typename oid ... on Blob {{ byteSize isBinary isTruncated text }} }}"""


class Find(StrEnum):
    """How a snapshot finds the pull request."""

    BY_NUMBER = """pullRequest(number: $number) {
      ...PullRequestFields mergeCommit { ...Reported @include(if: $merged) }
    }"""
    BY_BRANCH = """pullRequests(headRefName: $head, first: 5, orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes { ...PullRequestFields }
    }"""


def snapshot_document(tags: int, find: Find) -> str:
    """One look at one release: its base branch and whether that holds the commit `$held`, the first page of what was
    reported about this commit when `$reported`, its release branch and whether that holds all of `$newest`, its pull
    request (by its number also what was reported about its merge commit when `$merged`), and `tags` tags `$t0`, … with
    their Releases `$r0`, …
    """
    variables = ["$number: Int!, $merged: Boolean!" if find is Find.BY_NUMBER else "$head: String!"]
    variables += [f"$t{index}: String!, $r{index}: String!" for index in range(tags)]
    parts = "\n    ".join(
        f"t{index}: ref(qualifiedName: $t{index}) {{ name target {{ ...TargetFields }} }}\n"
        f"    r{index}: release(tagName: $r{index}) {{ tagName url isDraft isPrerelease description }}"
        for index in range(tags)
    )
    return f"""
query Snapshot(
  $owner: String!, $name: String!, $base: String!, $newest: String!, $held: String!, $branch: String!
  $reported: Boolean!, $afterSuites: String, $afterContexts: String, {", ".join(variables)}
) {{
  repository(owner: $owner, name: $name) {{
    base: ref(qualifiedName: $base) {{ name target {{ oid }} compare(headRef: $held) {{ aheadBy }} }}
    reported: object(expression: $held) @include(if: $reported) {{ ...Reported }}
    branch: ref(qualifiedName: $branch) {{ name target {{ oid }} compare(headRef: $newest) {{ aheadBy }} }}
    {find}
    {parts}
  }}
}}{_PULL_REQUEST}{_REPORTED}{_TARGET if tags else ""}"""


class Step(StrEnum):
    """One mutation on the way to an open pull request; the value is its alias, and its variable's name."""

    REF = "ref"
    COMMIT = "commit"
    PULL = "pull"


_STEPS = {
    Step.REF: ("CreateRefInput", "createRef", "ref { name }"),
    Step.COMMIT: ("CreateCommitOnBranchInput", "createCommitOnBranch", "commit { oid }"),
    Step.PULL: ("CreatePullRequestInput", "createPullRequest", "pullRequest { ...PullRequestFields }"),
}


def opening_document(steps: tuple[Step, ...]) -> str:
    """The mutations that are still missing, in order; GitHub runs them one after the other, each on its own."""
    variables = ", ".join(f"${step}: {_STEPS[step][0]}!" for step in steps)
    parts = "\n  ".join(
        f"{step}: {mutation}(input: ${step}) {{ {answer} }}" for step in steps for _, mutation, answer in [_STEPS[step]]
    )
    return f"""
mutation Open({variables}) {{
  {parts}
}}{_PULL_REQUEST if Step.PULL in steps else ""}"""
