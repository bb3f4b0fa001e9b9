"""Who published: what a job's OIDC token says of it, and the attestations that are signed with that.

The certificate is made as Sigstore's Fulcio makes it (https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md),
but for its authority, which is this process's own: nobody but a test may trust it.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bot.sandbox.registries.errors import Refused

ISSUER = "https://token.actions.githubusercontent.com"
STATEMENT_TYPE = "application/vnd.in-toto+json"
PUBLISH_V1 = "https://docs.pypi.org/attestations/publish/v1"
_ARC = "1.3.6.1.4.1.57264.1"


@dataclass(frozen=True, slots=True)
class Identity:
    """A job of GitHub Actions as its OIDC token names it."""

    repository: str
    """`owner/name`."""
    workflow: str
    """`.github/workflows/publish.yml`."""
    ref: str
    """`refs/tags/v1.0.0`."""
    sha: str
    run_id: int
    attempt: int = 1
    event: str = "push"
    environment: str | None = None
    repository_id: int = 1
    owner_id: int = 1

    def trustpub_data(self) -> dict[str, str]:
        """What crates.io keeps of it."""
        return {"provider": "github", "repository": self.repository, "run_id": str(self.run_id), "sha": self.sha}

    def publisher(self) -> dict[str, Any]:
        """The registered publisher that PyPI shows in a provenance."""
        workflow, environment = self.workflow.rpartition("/")[2], self.environment or ""
        about = {"kind": "GitHub", "repository": self.repository, "workflow": workflow, "environment": environment}
        return {**about, "claims": None}

    def extensions(self) -> dict[int, str]:
        """The Fulcio extensions of its certificate, by their last number."""
        home = f"https://github.com/{self.repository}"
        workflow = f"{home}/{self.workflow}@{self.ref}"
        return {
            8: ISSUER,
            9: workflow,
            10: self.sha,
            11: "github-hosted",
            12: home,
            13: self.sha,
            14: self.ref,
            15: str(self.repository_id),
            16: home.rpartition("/")[0],
            17: str(self.owner_id),
            18: workflow,
            19: self.sha,
            20: self.event,
            21: f"{home}/actions/runs/{self.run_id}/attempts/{self.attempt}",
            22: "public",
        }


class Signer:
    """A job that signs: one key and one short-lived certificate for all its files."""

    def __init__(self, identity: Identity, at: datetime) -> None:
        self.identity = identity
        self._at = at
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = _certificate(identity, self._key.public_key(), at)

    def attest(self, filename: str, content: bytes) -> dict[str, Any]:
        """The publish attestation of a file (PEP 740)."""
        subject = {"name": filename, "digest": {"sha256": hashlib.sha256(content).hexdigest()}}
        statement = json.dumps(
            {
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [subject],
                "predicateType": PUBLISH_V1,
                "predicate": None,
            }
        ).encode()
        signature = self._key.sign(_signed_bytes(statement), ec.ECDSA(hashes.SHA256()))
        entry = {
            "logIndex": "1",
            "logId": {"keyId": _base64(bytes(32))},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(int(self._at.timestamp())),
            "canonicalizedBody": _base64(statement),
        }
        return {
            "version": 1,
            "envelope": {"statement": _base64(statement), "signature": _base64(signature)},
            "verification_material": {"certificate": _base64(self._certificate), "transparency_entries": [entry]},
        }


def checked(attestation: Mapping[str, Any], filename: str, content: bytes, publisher: Identity) -> dict[str, Any]:
    """An uploaded attestation, when it is of this file, well signed, and by its publisher; else Refused."""
    try:
        statement = base64.b64decode(attestation["envelope"]["statement"], validate=True)
        signature = base64.b64decode(attestation["envelope"]["signature"], validate=True)
        material = base64.b64decode(attestation["verification_material"]["certificate"], validate=True)
        certificate = x509.load_der_x509_certificate(material)
        subject = json.loads(statement)["subject"][0]
        named, digest = subject["name"], subject["digest"]["sha256"]
    except (KeyError, IndexError, TypeError, ValueError) as mistake:
        raise Refused(f"Malformed attestations: {mistake!r}") from mistake
    key = certificate.public_key()
    why = None
    if (named, digest) != (filename, hashlib.sha256(content).hexdigest()):
        why = "subject does not match distribution"
    elif _value(certificate, 12) != _utf8_string(f"https://github.com/{publisher.repository}"):
        why = "Certificate's Source Repository URI does not match expected"
    else:
        try:
            if not isinstance(key, ec.EllipticCurvePublicKey):
                raise InvalidSignature
            key.verify(signature, _signed_bytes(statement), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            why = "signature is invalid for input"
    if why:
        raise Refused(f"Could not verify the uploaded artifact using the included attestation: {why}")
    return dict(attestation)


def _certificate(identity: Identity, key: ec.EllipticCurvePublicKey, at: datetime) -> bytes:
    """In DER."""
    values = identity.extensions()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(
            x509.Name(
                [
                    x509.NameAttribute(NameOID.ORGANIZATION_NAME, "sigstore.dev"),
                    x509.NameAttribute(NameOID.COMMON_NAME, "sigstore-intermediate"),
                ]
            )
        )
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at)
        .not_valid_after(at + timedelta(minutes=10))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(values[18])]), critical=True)
    )
    # The first six are older than the rule that values are DER; they are bare text.
    old = {1: ISSUER, 2: identity.event, 3: identity.sha, 5: identity.repository, 6: identity.ref}
    extensions = {number: value.encode() for number, value in old.items()}
    extensions |= {number: _utf8_string(value) for number, value in values.items()}
    for number, value in sorted(extensions.items()):
        unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier(f"{_ARC}.{number}"), value)
        builder = builder.add_extension(unknown, critical=False)
    return builder.sign(_authority(), hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@cache
def _authority() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _utf8_string(text: str) -> bytes:
    """A DER UTF8String."""
    data = text.encode()
    if len(data) < 0x80:
        return bytes((0x0C, len(data))) + data
    length = len(data).to_bytes((len(data).bit_length() + 7) // 8, "big")
    return bytes((0x0C, 0x80 | len(length))) + length + data


def _value(certificate: x509.Certificate, number: int) -> bytes | None:
    """One of Fulcio's extensions, in DER."""
    for extension in certificate.extensions:
        if extension.oid.dotted_string == f"{_ARC}.{number}":
            value = extension.value
            return value.value if isinstance(value, x509.UnrecognizedExtension) else None
    return None


def _signed_bytes(statement: bytes) -> bytes:
    """What is signed of a statement: DSSE's pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (len(STATEMENT_TYPE), STATEMENT_TYPE.encode(), len(statement), statement)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
