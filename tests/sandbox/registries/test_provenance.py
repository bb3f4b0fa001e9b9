"""Attestations: signed with a certificate that says who publishes, and refused when they say something else."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bot.sandbox.registries.errors import Refused
from bot.sandbox.registries.provenance import Identity, Signer, checked

AT = datetime(2026, 4, 4, 12, tzinfo=UTC)
PATH = ".github/workflows/publish.yml"
PUBLISHER = Identity("octo/demo", PATH, "refs/tags/v1.0.0", "c" * 40, run_id=7, attempt=2, environment="pypi")
ARC = "1.3.6.1.4.1.57264.1."


def certificate(provenance):
    """The certificate of the first attestation of a provenance."""
    attestation = provenance["attestation_bundles"][0]["attestations"][0]
    return x509.load_der_x509_certificate(base64.b64decode(attestation["verification_material"]["certificate"]))


def claims(found):
    """What a certificate's DER extensions say, by their last number; a reader of its own, short strings and long."""
    told = {}
    for extension in found.extensions:
        if extension.oid.dotted_string.startswith(ARC):
            number, value = int(extension.oid.dotted_string.removeprefix(ARC)), extension.value.value
            if number >= 8:
                head = 2 if value[1] < 0x80 else 2 + (value[1] & 0x7F)
                assert value[0] == 0x0C
                assert len(value) == head + (value[1] if head == 2 else int.from_bytes(value[2:head], "big"))
                told[number] = value[head:].decode()
    return told


def test_the_certificate_says_who_ran_what_on_which_commit():
    attestation = Signer(PUBLISHER, AT).attest("a.whl", b"1")
    found = certificate({"attestation_bundles": [{"attestations": [attestation]}]})
    home = "https://github.com/octo/demo"
    assert claims(found) == {
        8: "https://token.actions.githubusercontent.com",
        9: f"{home}/{PATH}@refs/tags/v1.0.0",
        10: "c" * 40,
        11: "github-hosted",
        12: home,
        13: "c" * 40,
        14: "refs/tags/v1.0.0",
        15: "1",
        16: "https://github.com/octo",
        17: "1",
        18: f"{home}/{PATH}@refs/tags/v1.0.0",
        19: "c" * 40,
        20: "push",
        21: f"{home}/actions/runs/7/attempts/2",
        22: "public",
    }
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [f"{home}/{PATH}@refs/tags/v1.0.0"]


def test_a_long_address_is_encoded_with_its_length():
    long = Identity("o" * 200 + "/demo", PATH, "refs/heads/main", "c" * 40, run_id=7)
    attestation = Signer(long, AT).attest("a.whl", b"1")
    assert claims(certificate({"attestation_bundles": [{"attestations": [attestation]}]}))[12].endswith("oo/demo")
    assert checked(attestation, "a.whl", b"1", long) == attestation


def test_the_signature_is_over_the_statement():
    attestation = Signer(PUBLISHER, AT).attest("a.whl", b"1")
    statement = base64.b64decode(attestation["envelope"]["statement"])
    signed = b"DSSEv1 28 application/vnd.in-toto+json " + str(len(statement)).encode() + b" " + statement
    key = certificate({"attestation_bundles": [{"attestations": [attestation]}]}).public_key()
    key.verify(base64.b64decode(attestation["envelope"]["signature"]), signed, ec.ECDSA(hashes.SHA256()))


def _other_signature(attestation):
    other = Signer(PUBLISHER, AT).attest("a.whl", b"1")
    return {**attestation, "envelope": {**attestation["envelope"], "signature": other["envelope"]["signature"]}}


@pytest.mark.parametrize(
    ("change", "name", "content", "words"),
    [
        (lambda it: it, "b.whl", b"1", "subject does not match distribution"),
        (lambda it: it, "a.whl", b"2", "subject does not match distribution"),
        (_other_signature, "a.whl", b"1", "signature is invalid"),
        (lambda _: {"version": 1}, "a.whl", b"1", "Malformed attestations"),
    ],
)
def test_what_does_not_fit_is_refused(change, name, content, words):
    attestation = change(Signer(PUBLISHER, AT).attest("a.whl", b"1"))
    with pytest.raises(Refused, match=words):
        checked(attestation, name, content, PUBLISHER)


def test_somebody_elses_attestation_is_refused():
    other = Identity("somebody/else", PATH, "refs/tags/v1.0.0", "c" * 40, run_id=7)
    with pytest.raises(Refused, match="Source Repository URI does not match"):
        checked(Signer(other, AT).attest("a.whl", b"1"), "a.whl", b"1", PUBLISHER)
