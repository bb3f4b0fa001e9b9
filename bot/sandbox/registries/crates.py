"""A crates.io: what is published on it, and its rules. `crates_web` serves it."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import semver

from bot.sandbox.model import Clock
from bot.sandbox.registries.crate_file import CrateFile, read
from bot.sandbox.registries.crate_records import Action, Version
from bot.sandbox.registries.errors import Refused

MOST_BYTES = 10 * 1024 * 1024
"""Size of a .crate that crates.io accepts."""
SCOPES = ("publish-new", "publish-update", "yank")


@dataclass(frozen=True, slots=True)
class Token:
    """What an API token allows; a trusted publisher's has `trustpub`, no user, and can only publish."""

    login: str | None
    scopes: frozenset[str]
    trustpub: Mapping[str, str] | None = None


class CratesIO:
    """The registry; `index_delay` is for how many seconds the index (and the README) lags behind the API."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.index_delay = 0.0
        self.versions: list[Version] = []
        """In the order of publishing."""
        self.trusted_only: set[str] = set()
        """Crates that no API token publishes."""
        self._owners: dict[str, list[str]] = {}
        """Logins by the canonical name of the crate."""
        self._tokens: dict[str, Token] = {}

    # Tokens

    def issue_token(self, login: str, *, scopes: Collection[str] = SCOPES, text: str | None = None) -> str:
        """An API token of a person's, as made on crates.io/settings/tokens; its `text` may be chosen."""
        text = text or f"cio{secrets.token_hex(16)}"
        self._tokens[text] = Token(login, frozenset(scopes))
        return text

    def issue_trusted_token(self, trustpub: Mapping[str, str]) -> str:
        """The token that a trusted publisher gets for its OIDC token; what it publishes names its run."""
        text = f"cio_tp_{secrets.token_hex(16)}"
        self._tokens[text] = Token(None, frozenset({"publish-update"}), trustpub)
        return text

    def authenticate(self, header: str | None, scope: str) -> Token:
        """The token of an Authorization header; Refused with crates.io's words when it does not allow this."""
        if not header:
            raise Refused("this action requires authentication", status=403)
        token = self._tokens.get(header.removeprefix("Bearer "))
        if token is None:
            raise Refused("authentication failed", status=403)
        if scope not in token.scopes:
            raise Refused("this token does not have the required permissions to perform this action", status=403)
        return token

    # What can be done

    def publish(
        self,
        name: str,
        version: str,
        crate_bytes: bytes,
        *,
        published_by: str | None = None,
        trustpub: Mapping[str, str] | None = None,
    ) -> Version:
        """Take a .crate as `cargo publish` sends it; description, dependencies and README are read in it.

        Raises Refused with crates.io's words: a version that is there (build metadata plays no part), a file too
        large or of another name, a manifest without description or license.
        """
        try:
            file = read(crate_bytes)
        except ValueError as mistake:
            raise Refused(f"failed to read the crate file: {mistake}") from mistake
        self._check(name, version, crate_bytes, file)
        now, by = self._clock.now(), None if trustpub else published_by or "unknown"
        actions = [Action("publish", by, now)] if by else []
        record = Version(len(self.versions) + 1, name, version, crate_bytes, file, now, by, trustpub, actions)
        self.versions.append(record)
        owner = by or (trustpub or {}).get("repository", "unknown").partition("/")[0]
        self._owners.setdefault(_canonical(name), [owner])
        return record

    def _check(self, name: str, version: str, content: bytes, file: CrateFile) -> None:
        package = file.manifest["package"]
        if len(content) > MOST_BYTES:
            raise Refused(f"max upload size is: {MOST_BYTES}", status=413)
        if not semver.Version.is_valid(version):
            raise Refused(f'"{version}" is an invalid semver version')
        if (file.name, file.version) != (name, version):
            raise Refused(f"the Cargo.toml in the crate file is of {file.name} {file.version}")
        missing = [key for key in ("description",) if not package.get(key)]
        missing += [] if package.get("license") or package.get("license-file") else ["license"]
        if missing:
            raise Refused(
                f"missing or empty metadata fields: {', '.join(missing)}. Please see "
                "https://doc.rust-lang.org/cargo/reference/manifest.html for more information on configuring these "
                "fields"
            )
        if any(_number(each.num) == _number(version) for each in self.of(name)):
            raise Refused(f"crate version `{version}` is already uploaded")

    def yank(self, version: Version, *, by: str, message: str | None = None) -> None:
        """Yank a version, or change what is said about that. As on crates.io, no message takes an earlier one away."""
        self._change(version, by, "yank", message)

    def unyank(self, version: Version, *, by: str) -> None:
        """Take a yank back, and its message."""
        self._change(version, by, "unyank", None)

    def _change(self, version: Version, by: str, action: str, message: str | None) -> None:
        if by not in self.owners_of(version.name):
            raise Refused("must already be an owner to yank or unyank", status=403)
        yanked = action == "yank"
        if (version.yanked, version.yank_message) != (yanked, message):
            version.actions.append(Action(action, by, self._clock.now()))
            version.yanked, version.yank_message = yanked, message

    # What is there

    def of(self, name: str) -> list[Version]:
        """The versions of a crate, oldest first; `-` and `_` and the case of letters make no difference."""
        return [each for each in self.versions if _canonical(each.name) == _canonical(name)]

    def find(self, name: str, version: str) -> Version | None:
        """One version, or None."""
        return next((each for each in self.of(name) if each.num == version), None)

    def owners_of(self, name: str) -> list[str]:
        """The logins of those who may publish and yank it; who published it first is one."""
        return self._owners.get(_canonical(name), [])

    def version(self, name: str, version: str) -> Version:
        """One version; Refused with the words of the API when it is not there."""
        if not semver.Version.is_valid(version):
            raise Refused(f"invalid semver: {version}")
        if not self.of(name):
            raise Refused(f"crate `{name}` does not exist", status=404)
        found = self.find(name, version)
        if found is None:
            raise Refused(f"crate `{name}` does not have a version `{version}`", status=404)
        return found

    def is_indexed(self, version: Version) -> bool:
        """Whether the index shows a version already."""
        return version.created_at <= self._index_time()

    def is_indexed_as_yanked(self, version: Version) -> bool:
        """Whether the index shows it as yanked already, or still."""
        return version.yanked_before(self._index_time()) if self.index_delay else version.yanked

    def _index_time(self) -> datetime:
        """The instant whose state the index shows now."""
        return self._clock.now() - timedelta(seconds=self.index_delay)


def _canonical(name: str) -> str:
    """A crate's name as the API compares it."""
    return name.lower().replace("-", "_")


def _number(version: str) -> str:
    """A version without its build metadata."""
    return version.partition("+")[0]
