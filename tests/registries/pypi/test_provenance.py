"""Who built a file, from PyPI's answer and the certificate in it."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from bot.registries.pypi.facts import Attestation
from bot.registries.pypi.provenance import Unreadable, read_provenance

SHA = "621e4974ca25ce531773def586ba3ed8e736b3fc"
RUN = "https://github.com/o/r/actions/runs/11713038981/attempts/1"
CLAIMS = {12: "https://github.com/o/r", 13: SHA, 14: "refs/tags/v0.5.0", 20: "push", 21: RUN}


def utf8_string(text):
    body = text.encode()
    length = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return b"\x0c" + length + body


def certificate(claims):
    """A certificate as Fulcio makes it: self-signed here, the claims in the same extensions."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime(2026, 4, 4, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(minutes=10))
    made = made.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1"), b"old"), False)
    for number, value in claims.items():
        oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
        der = value if isinstance(value, bytes) else utf8_string(value)
        made = made.add_extension(x509.UnrecognizedExtension(oid, der), critical=False)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def answer(claims=None, publisher=None, statement=None, der=None):
    """PyPI's provenance of one file."""
    about = {"kind": "GitHub", "repository": "o/r", "workflow": "publish.yml", "environment": "pypi", "claims": None}
    said = {"subject": [{"name": "edge_demo-0.5.0.tar.gz", "digest": {"sha256": "ab" * 32}}]}
    attestation = {
        "version": 1,
        "envelope": {"statement": base64.b64encode(json.dumps(statement or said).encode()).decode(), "signature": "x"},
        "verification_material": {
            "certificate": base64.b64encode(der or certificate(claims or CLAIMS)).decode(),
            "transparency_entries": [],
        },
    }
    bundle = {"publisher": publisher or about, "attestations": [attestation]}
    return json.dumps({"version": 1, "attestation_bundles": [bundle]}).encode()


def test_publisher_and_claims_are_read():
    assert read_provenance(answer()) == (
        Attestation(
            kind="GitHub",
            repository="o/r",
            workflow="publish.yml",
            environment="pypi",
            commit=SHA,
            ref="refs/tags/v0.5.0",
            run_url=RUN,
            event="push",
            subjects=(("edge_demo-0.5.0.tar.gz", "ab" * 32),),
        ),
    )


def test_a_long_claim_is_read():
    assert read_provenance(answer({14: "refs/heads/" + "x" * 300}))[0].ref == "refs/heads/" + "x" * 300


def test_a_publisher_that_names_no_repository_is_known_by_its_certificate():
    found = read_provenance(answer(publisher={"kind": "Google", "email": "x@example.com"}))
    assert (found[0].kind, found[0].repository) == ("Google", "o/r")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        answer(der=b"no certificate"),
        answer({13: b"\x0c\x05ab"}),
        answer({13: b"\x02\x01\x00"}),
        answer({13: b"\x0c\x02\xff\xfe"}),
        answer(statement={"subject": 5}),
    ],
)
def test_an_answer_of_another_shape_is_unreadable(body):
    with pytest.raises(Unreadable):
        read_provenance(body)


@given(st.binary(max_size=300))
def test_no_certificate_breaks_it(der):
    with suppress(Unreadable):
        read_provenance(answer(der=der or b"x"))
