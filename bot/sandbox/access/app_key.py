"""The App under test, with a key pair of its own."""

import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.sandbox.model import App, User


@dataclass(frozen=True, slots=True)
class RegisteredApp:
    """An App as its owner gets it: GitHub keeps the public half of the key, the owner the private one."""

    app: App
    private_key_pem: str


def register_app() -> RegisteredApp:
    """Register the App `shipmate`: new RSA key, new webhook secret, no webhook address yet."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    app = App(
        id=1201337,
        slug="shipmate",
        owner=User(501, "shipmate-owner"),
        public_key=public.decode(),
        webhook_url="",
        webhook_secret=secrets.token_hex(20),
        bot=User(502, "shipmate[bot]", "Bot"),
    )
    return RegisteredApp(app, private.decode())
