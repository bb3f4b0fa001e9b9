"""PyPI's provenance of a file (PEP 740): who published it, and what the signing certificate says of the run.

PyPI checks the signature when a file is uploaded; here the claims are read, over TLS, and not checked again. Format:
https://docs.pypi.org/api/integrity/; the certificate's extensions:
https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md.
"""

import base64
from typing import Any

import msgspec
from cryptography import x509

from bot.registries.pypi.facts import Attestation

MOST_ATTESTATIONS = 20

_FULCIO = "1.3.6.1.4.1.57264.1"
_REPOSITORY, _COMMIT, _REF, _EVENT, _RUN = 12, 13, 14, 20, 21


class _Publisher(msgspec.Struct):
    kind: str = ""
    repository: str | None = None
    workflow: str | None = None
    workflow_filepath: str | None = None
    environment: str | None = None


class _Material(msgspec.Struct):
    certificate: str


class _Envelope(msgspec.Struct):
    statement: str


class _Attestation(msgspec.Struct):
    envelope: _Envelope
    verification_material: _Material


class _Bundle(msgspec.Struct):
    publisher: _Publisher
    attestations: list[_Attestation]


class _Answer(msgspec.Struct):
    attestation_bundles: list[_Bundle]


class _Subject(msgspec.Struct):
    name: str = ""
    digest: dict[str, str] = {}


class _Statement(msgspec.Struct):
    subject: list[_Subject]


_MISTAKES = (
    ValueError,  # also msgspec's, base64's, and those of a certificate that is none
    RecursionError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


class Unreadable(Exception):
    """The answer is not what PyPI documents; the message says what."""


def read_provenance(body: bytes) -> tuple[Attestation, ...]:
    """The attestations of one file; raises Unreadable, and nothing else, for an answer of another shape."""
    try:
        bundles = msgspec.json.decode(body, type=_Answer).attestation_bundles
        pairs = [(bundle.publisher, one) for bundle in bundles for one in bundle.attestations]
        return tuple(_read(publisher, one) for publisher, one in pairs[:MOST_ATTESTATIONS])
    except _MISTAKES as mistake:
        raise Unreadable(str(mistake) or type(mistake).__name__) from None


def _read(publisher: _Publisher, one: _Attestation) -> Attestation:
    claims = _claims(base64.b64decode(one.verification_material.certificate))
    statement = msgspec.json.decode(base64.b64decode(one.envelope.statement), type=_Statement)
    return Attestation(
        kind=publisher.kind,
        repository=publisher.repository or _path(claims.get(_REPOSITORY)),
        workflow=publisher.workflow or publisher.workflow_filepath,
        environment=publisher.environment or None,
        commit=claims.get(_COMMIT),
        ref=claims.get(_REF),
        run_url=claims.get(_RUN),
        event=claims.get(_EVENT),
        subjects=tuple((subject.name, subject.digest.get("sha256", "")) for subject in statement.subject),
    )


def _path(address: str | None) -> str | None:
    """`owner/name` of a repository's address."""
    return "/".join(address.rstrip("/").split("/")[-2:]) if address else None


def _claims(der: bytes) -> dict[int, str]:
    """Fulcio's claims by the last number of their OID."""
    claims = {}
    extensions: Any = x509.load_der_x509_certificate(der).extensions
    for extension in extensions:
        dotted = extension.oid.dotted_string
        family, _, number = dotted.rpartition(".")
        if family == _FULCIO and number.isdecimal() and int(number) >= 8:
            claims[int(number)] = _utf8_string(extension.value.value)
    return claims


def _utf8_string(der: bytes) -> str:
    """The text of a DER UTF8String."""
    if len(der) < 2 or der[0] != 0x0C:
        raise ValueError("a claim of the certificate is no UTF8String")
    if der[1] < 0x80:
        length, start = der[1], 2
    else:
        start = 2 + (der[1] & 0x7F)
        length = int.from_bytes(der[2:start], "big")
    if len(der) != start + length:
        raise ValueError("a claim of the certificate has a wrong length")
    return der[start:].decode()
