"""What each known cause of a failed publish job means, and what helps: one entry for each kind."""

from collections.abc import Callable, Mapping

from bot.comments.markdown import code
from bot.release.publishing.causes import Cause, Kind

Named = Mapping[str, str]


def in_words(cause: Cause) -> str:
    """One or two sentences of Markdown: what it was, and the remedy."""
    return _WORDS[cause.kind](dict(cause.named))


def _one(key: str, named: Named, otherwise: str) -> str:
    return code(named[key]) if named.get(key) else otherwise


def _already(named: Named) -> str:
    what = _one("version", named, _one("file", named, "what it uploads"))
    said = f"**{what} is on the registry already.** It is uploaded once and for all, so an upload that is tried again "
    if named.get("version"):
        return f"{said}stops there."
    return f"{said}stops there; what is missing goes up when the step skips what exists (`skip-existing: true`)."


def _publisher(named: Named) -> str:
    if named.get("configured"):
        return (
            f"**crates.io knows no trusted publisher for {code(named['configured'])}.** Add one in the crate's "
            "settings: this repository, the publish workflow's file name, and its environment when the job has one."
        )
    keys = ("owner", "repository", "workflow", "environment")
    wanted = [f"{key} {code(named[key])}" for key in keys if named.get(key)]
    claims = ", ".join(wanted) if wanted else "the owner, repository, workflow file and environment of this job"
    none = " and no environment" if wanted and not named.get("environment") else ""
    return (
        "**`invalid-publisher`: the registry has no trusted publisher that matches this job.** Configure one with "
        f"{claims}{none} (on PyPI: *Manage → Publishing*)."
    )


def _limited(named: Named) -> str:
    when = named.get("until", "")
    until = f"after {code(when)}" if when else "in an hour"
    until = f"in {when} seconds" if when.isdecimal() else until
    return f"**The registry takes no more uploads for now (429).** Try again {until}."


def _advisory(named: Named) -> str:
    what = _one("ids", named, "an advisory")
    where = f" in {code(named['crate'])}" if named.get("crate") else ""
    solution = f" Its solution: {code(named['solution'])}." if named.get("solution") else ""
    return (
        f"**The audit found {what}{where}.**{solution} A tag does not move, so the repair goes into the next patch "
        "version; an advisory that does not concern this package can be ignored in the audit's configuration."
    )


def _platform(named: Named) -> str:
    tag = named.get("tag", "")
    # https://github.com/pypi/warehouse/blob/main/warehouse/forklift/legacy.py
    remedies = {
        "linux": "Build it for manylinux or musllinux (`manylinux: auto` of maturin-action; auditwheel repairs one).",
        "macosx": "Build it for a macOS version that PyPI knows (`MACOSX_DEPLOYMENT_TARGET`: `10.x`, `11.0`, …).",
    }
    remedy = next((said for system, said in remedies.items() if tag.startswith(system)), "")
    remedy = remedy or "PyPI takes manylinux, musllinux, macOS and Windows, and few others: leave this one out."
    return (
        f"**PyPI refuses the wheel {_one('file', named, '')}: {_one('tag', named, 'its platform')} is no platform that "
        f"it takes.** {remedy}"
    ).replace("wheel :", "wheel:")


def _full(named: Named) -> str:
    limit = f" ({named['limit']} GB)" if named.get("limit") else ""
    return (
        f"**PyPI has no room left for {_one('package', named, 'this project')}{limit}.** Delete old files there or ask "
        "for a higher limit (https://docs.pypi.org/project-management/storage-limits); then the job can run again."
    )


def _attestation(named: Named) -> str:
    if named.get("twice"):
        return (
            "**The files have attestations already, from an upload before in the same job.** Set `attestations: false` "
            "where it uploads to TestPyPI, or remove `dist/*.attestation` in between."
        )
    return (
        "**PyPI does not accept the attestations.** They have to be of the trusted publisher that uploads: no reusable "
        "workflow, no token. `attestations: false` of gh-action-pypi-publish uploads without."
    )


def _too_new(named: Named) -> str:
    version = f" ({code(named['version'])})" if named.get("version") else ""
    return (
        f"**The metadata of what was built is of a version{version} that the upload does not know.** Take a newer "
        "twine or gh-action-pypi-publish, or a build backend that writes an older `Metadata-Version`."
    )


def _says(text: str) -> Callable[[Named], str]:
    return lambda named: text


def _kept_out(named: Named) -> str:
    environment, what = _one("environment", named, "of this job"), _one("ref", named, "this tag")
    return (
        f"**The environment {environment} does not let {what} deploy.** Allow it in the repository's settings "
        "(*Environments → Deployment branches and tags*); then `/release retry` runs the job again."
    )


_WORDS: Mapping[Kind, Callable[[Named], str]] = {
    Kind.ALREADY_UPLOADED: _already,
    Kind.OTHER_BYTES: lambda named: (
        f"**The registry has {_one('file', named, 'a file of this name')} with other bytes.** A file is never "
        "replaced; what was built anew goes into the next patch version."
    ),
    Kind.NAME_USED_UP: _says(
        "**PyPI had a file of this name before, and it was deleted.** The name can never be used again: the next patch "
        "version is the way out."
    ),
    Kind.INDEX_TIMED_OUT: lambda named: (
        f"**{_one('package', named, 'The package')} was uploaded, and the index did not show it in time.** It may land "
        "late: I look at the registry before I call this a failure."
    ),
    Kind.OIDC_PERMISSION: _says(
        "**The job may not ask GitHub for an OIDC token.** Give it `permissions: id-token: write`; permissions at the "
        "workflow's top do not add to those of a job that has its own."
    ),
    Kind.INVALID_PUBLISHER: _publisher,
    Kind.TOKEN_MISSING: _says(
        "**The job had no token to publish with.** Look whether the secret exists for this repository and environment, "
        "and whether the workflow hands it to this step; or use trusted publishing, which needs none."
    ),
    Kind.NOT_AUTHORISED: lambda named: (
        "**The registry does not let this token publish"
        f"{' ' + code(named['package']) if named.get('package') else ' the package'}.** The token may have ended or be "
        "for another package, its account may be no owner, or PyPI has put the project in quarantine."
    ),
    Kind.TRUSTED_ONLY: _says(
        "**The crate takes new versions from a trusted publisher only, and this job has a token.** Get one with "
        "`rust-lang/crates-io-auth-action` and `id-token: write`, or change that in the crate's settings on crates.io."
    ),
    Kind.CANNOT_CREATE: _says(
        "**A trusted publisher cannot publish a name for the first time.** Publish its first version by hand, with a "
        "token of your own, and name this workflow in its settings; where it is there already, look whether the names "
        "agree."
    ),
    Kind.UPLOADS_CLOSED: lambda named: (
        f"**{named.get('registry', 'PyPI')} takes no uploads for now.** Its status page says for how long; nothing is "
        "wrong with the package."
    ),
    Kind.PROJECT_FULL: _full,
    Kind.TOO_LATE: lambda named: (
        f"**PyPI takes no more files for a version that is older than {named.get('days', '14')} days.** What is "
        "missing goes into the next patch version."
    ),
    Kind.ATTESTATION: _attestation,
    Kind.METADATA_TOO_NEW: _too_new,
    Kind.RATE_LIMITED: _limited,
    Kind.ADVISORY: _advisory,
    Kind.PLATFORM_REFUSED: _platform,
    Kind.TOO_LARGE: lambda named: (
        f"**The package is larger than the registry takes{_limit(named)}.** Leave out what is not needed "
        "(`exclude` or `include` in the manifest), or ask the registry for a higher limit."
    ),
    Kind.METADATA_MISSING: lambda named: (
        f"**The manifest lacks what the registry asks for: {_one('fields', named, 'see the log')}.** Adding it "
        "is a new commit, and so the next patch version."
    ),
    Kind.FILE_MISSING: lambda named: (
        f"**The manifest names a {named.get('field', 'file')} that is not there: {_one('file', named, 'see the log')}."
        "** The file has to lie inside the package; the repair goes into the next patch version."
    ),
    Kind.DIRTY: _says(
        "**A step before changed files, so the working directory is not what was tagged.** Let it write outside of the "
        "checkout; `--allow-dirty` would publish what nobody reviewed."
    ),
    Kind.LOCK_STALE: _says(
        "**`Cargo.lock` does not fit the manifests at this commit.** It is repaired on the branch, and goes into the "
        "next patch version."
    ),
    Kind.DEPENDENCY_ABSENT: lambda named: (
        f"**The registry does not have {_one('package', named, 'a dependency')} in the version that is needed.** It "
        "has to be published first (`after` in `.github/release.toml` sees to the order)."
    ),
    Kind.NOT_VERIFIED: _says(
        "**The package does not build from what was packaged.** Something that it needs is outside of it or excluded; "
        "`cargo package` shows the same on your machine."
    ),
    Kind.KEPT_OUT: _kept_out,
    Kind.DISK_FULL: _says(
        "**The runner's disk is full.** A new runner may have more room; else free some in a step before."
    ),
    Kind.REGISTRY_DOWN: lambda named: (
        f"**The registry was out of order{' (' + named['status'] + ')' if named.get('status') else ''}.** Nothing is "
        "wrong with the package."
    ),
}


def _limit(named: Named) -> str:
    digits = named.get("limit", "")
    return f" ({int(digits) / 1024**2:.0f} MiB)" if digits.isdecimal() else ""
