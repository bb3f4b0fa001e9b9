"""Is this body from GitHub? HMAC-SHA256 over the raw bytes, compared in constant time. Pure."""

import hashlib
import hmac
from collections.abc import Sequence

ALGORITHM_PREFIX = "sha256="


def is_signed(body: bytes, header: str | None, secrets: Sequence[bytes]) -> bool:
    """Whether `header` (X-Hub-Signature-256) signs `body` with one of the secrets.

    Several secrets are accepted while one is being rotated. No header, sha1, or anything malformed is not signed.
    """
    if header is None or not header.startswith(ALGORITHM_PREFIX):
        return False
    # Bytes, since compare_digest refuses text that is not ASCII, and a header may hold anything.
    claimed = header.removeprefix(ALGORITHM_PREFIX).encode("utf-8", "surrogateescape")
    rightful = [hmac.new(secret, body, hashlib.sha256).hexdigest().encode() for secret in secrets]
    return any(hmac.compare_digest(digest, claimed) for digest in rightful)
