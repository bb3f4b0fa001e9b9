import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import make_url

from bot.release.facts import Timeouts
from bot.settings import SETTINGS, Secret, Settings, SettingsError, settings_table

ROOT = Path(__file__).parents[1]


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


KEY = pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
COMPLETE = {"GITHUB_APP_ID": "1", "GITHUB_PRIVATE_KEY": KEY, "GITHUB_WEBHOOK_SECRET": "s3cr3t"}
SECRETS = {
    **COMPLETE,
    "GITHUB_WEBHOOK_SECRET": "s3cr3t-1,s3cr3t-2",
    "DATABASE_URL": "postgresql://user:pa55word@host/db",
    "SENTRY_DSN": "https://dsn-k3y@sentry.example/1",
    "CRATES_IO_YANK_TOKEN": "ciok3y",
}


def settings(**changes):
    return Settings.from_env({**COMPLETE, **changes})


def test_three_settings_are_enough():
    assert settings().app_id == 1
    assert settings().database_url == "sqlite+aiosqlite:///shipmate.db"
    assert settings().github_api_url == "https://api.github.com"
    assert settings().sentry_dsn is None
    assert settings().timeouts == Timeouts()


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS if setting.default])
def test_an_empty_setting_counts_as_left_out(name):
    assert settings(**{name: " "}) == settings()


def test_a_key_may_be_written_in_one_line():
    assert settings(GITHUB_PRIVATE_KEY=KEY.strip().replace("\n", "\\n")).private_key == Secret(KEY.strip())


def test_all_mistakes_are_told_at_once():
    wrong = {
        "PORT": "many",
        "LOG_LEVEL": "loud",
        "PYPI_URL": "pypi.org",
        "DATABASE_URL": "mysql://x",
        "LEASE_SECONDS": "nan",
    }
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(wrong)
    told = str(caught.value).splitlines()
    names = {*wrong, "GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET"}
    assert {re.findall(r"[A-Z_]{4,}", line)[0] for line in told} == names
    assert len(told) == len(names)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_APP_ID", "1.5"),
        ("GITHUB_APP_ID", "my-app"),
        ("GITHUB_APP_ID", "9" * 5000),
        ("GITHUB_APP_ID", "-----BEGIN RSA PRIVATE KEY-----\nabc"),
        ("DATABASE_URL", "postgres://user:pass@host:abc/db"),
        ("DATABASE_URL", "postgres://user:abc?pass@host/db"),
        ("DATABASE_URL", "postgres://[abc/db"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("LEASE_SECONDS", "-1"),
        ("LEASE_SECONDS", "inf"),
        ("LEASE_SECONDS", "1 minute"),
        ("GITHUB_WEBHOOK_SECRET", ""),
        ("GITHUB_WEBHOOK_SECRET", " , "),
        ("GITHUB_PRIVATE_KEY", "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----"),
        ("GITHUB_PRIVATE_KEY", pem(ec.generate_private_key(ec.SECP256R1()))),
    ],
)
def test_a_wrong_value_is_named_and_a_secret_one_is_not_shown(name, value):
    with pytest.raises(SettingsError, match=name) as caught:
        settings(**{name: value})
    assert "abc" not in str(caught.value)


def test_the_key_may_stand_in_a_file(tmp_path):
    (tmp_path / "key.pem").write_text(KEY)
    path = {"GITHUB_PRIVATE_KEY": "", "GITHUB_PRIVATE_KEY_PATH": str(tmp_path / "key.pem")}
    assert settings(**path).private_key.reveal() == KEY
    with pytest.raises(SettingsError, match="GITHUB_PRIVATE_KEY_PATH cannot be read"):
        settings(**{**path, "GITHUB_PRIVATE_KEY_PATH": str(tmp_path / "no.pem")})


def test_a_key_that_was_given_as_path_is_not_shown():
    with pytest.raises(SettingsError) as caught:
        settings(GITHUB_PRIVATE_KEY="", GITHUB_PRIVATE_KEY_PATH=KEY)
    assert KEY[40:80] not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg"])
def test_postgresql_is_reached_through_asyncpg(scheme):
    url = settings(DATABASE_URL=f"{scheme}://u:p%40ss@h:5432/d?sslmode=require&application_name=x").database_url
    assert url == "postgresql+asyncpg://u:p%40ss@h:5432/d?ssl=require&application_name=x"
    assert make_url(url).password == "p@ss"


def test_several_webhook_secrets_are_accepted_with_a_warning(caplog):
    found = settings(GITHUB_WEBHOOK_SECRET="new-1, old-2").webhook_secrets
    assert found == (Secret("new-1"), Secret("old-2"))
    assert "2 secrets" in caplog.text
    assert "new-1" not in caplog.text


def test_no_secret_shows_in_any_rendering():
    whole = Settings.from_env(SECRETS)
    shown = f"{whole} {whole!r} {whole.private_key!s} {[whole.sentry_dsn]} {replace(whole, port=1)}"
    assert not any(word in shown for word in ("BEGIN", "s3cr3t", "pa55word", "k3y"))


def test_workers_and_leases_have_their_bounds():
    assert settings(WORKERS="64", LEASE_SECONDS="1.5").workers == 64
    with pytest.raises(SettingsError) as caught:
        settings(WORKERS="0", LEASE_SECONDS="0.5")
    assert "WORKERS must be a whole number from 1 to 64" in str(caught.value)
    assert "LEASE_SECONDS must be a number of seconds of at least 1" in str(caught.value)


def test_a_rehearsal_shortens_each_timeout_and_no_operator_is_told_how():
    names = {wait.name: float(number) for number, wait in enumerate(fields(Timeouts), 1)}
    found = settings(SHIPMATE_TIMEOUTS=",".join(f"{name}={value}" for name, value in {**names, "missed": 0}.items()))
    assert (found.timeouts, found.missed_seconds) == (Timeouts(**names), 0.0)
    assert "TIMEOUTS" not in settings_table()


@pytest.mark.parametrize("value", ["settle", "settle=", "settle=-1", "settle=inf", "settel=1", "settle=1 minute"])
def test_a_wrong_timeout_is_named(value):
    with pytest.raises(SettingsError, match=f"SHIPMATE_TIMEOUTS cannot hold “{value}”"):
        settings(SHIPMATE_TIMEOUTS=value)


OTHERWISE = {
    "GITHUB_APP_ID": "2",
    "GITHUB_PRIVATE_KEY": pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    "GITHUB_WEBHOOK_SECRET": "other",
    "DATABASE_URL": "sqlite:///other.db",
    "WORKERS": "1",
    "LEASE_SECONDS": "1",
    "HOST": "127.0.0.1",
    "PORT": "1",
    "CRATES_IO_YANK_TOKEN": "token",
    "SENTRY_DSN": "https://k@sentry.example/1",
    "LOG_LEVEL": "ERROR",
}
"""Another value for each setting; an address takes any other."""


@pytest.mark.parametrize("name", [each.name for each in SETTINGS if each.name != "GITHUB_PRIVATE_KEY_PATH"])
def test_each_setting_changes_something(name):
    changed = settings(**{name: OTHERWISE.get(name, "https://elsewhere.example")})
    assert changed != settings()


def test_whatever_a_setting_changes_is_read_by_somebody():
    code = [path.read_text("utf-8") for path in (ROOT / "bot").rglob("*.py") if path.parent.name != "settings"]
    read = {name for text in code for name in re.findall(r"\bsettings\.(\w+)", text)}
    assert read >= {field.name for field in fields(Settings)}


def test_the_table_names_every_setting():
    assert re.findall(r"^\| `([A-Z_]+)`", settings_table(), re.MULTILINE) == [setting.name for setting in SETTINGS]


def test_the_app_manifest_asks_for_what_must_be_set_and_knows_no_other():
    manifest = json.loads((ROOT / "app.json").read_text("utf-8"))
    asked = {name for name, entry in manifest["env"].items() if entry.get("required", True)}
    assert asked == {"GITHUB_PRIVATE_KEY", *(setting.name for setting in SETTINGS if setting.default is None)}
    assert manifest["env"].keys() <= {setting.name for setting in SETTINGS}
    assert not any("value" in manifest["env"][name] for name in SECRETS if name in manifest["env"])
