import pytest

from bot.settings import SETTINGS, Secret, Settings, SettingsError, settings_table

COMPLETE = {
    "GITHUB_APP_ID": "1",
    "GITHUB_PRIVATE_KEY": "-----BEGIN RSA PRIVATE KEY-----\\nabc\\n-----END RSA PRIVATE KEY-----",
    "GITHUB_WEBHOOK_SECRET": "s3cr3t-1, s3cr3t-2",
}


def test_three_settings_are_enough():
    settings = Settings.from_env(COMPLETE)
    assert settings.app_id == 1
    assert settings.private_key.reveal().count("\n") == 2
    assert [secret.reveal() for secret in settings.webhook_secrets] == ["s3cr3t-1", "s3cr3t-2"]
    assert settings.database_url == "sqlite+aiosqlite:///shipmate.db"


def test_all_mistakes_are_told_at_once():
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"PORT": "many", "LOG_LEVEL": "loud", "PYPI_URL": "pypi.org", "DATABASE_URL": "mysql://x"})
    told = str(caught.value)
    for name in ("GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET", "PORT", "LOG_LEVEL", "PYPI_URL"):
        assert name in told
    assert "DATABASE_URL" in told


@pytest.mark.parametrize("value", ["", " ", ",", " , "])
def test_an_empty_webhook_secret_is_a_mistake(value):
    with pytest.raises(SettingsError, match="GITHUB_WEBHOOK_SECRET"):
        Settings.from_env({**COMPLETE, "GITHUB_WEBHOOK_SECRET": value})


def test_the_key_may_stand_in_a_file(tmp_path):
    (tmp_path / "key.pem").write_text("PRIVATE KEY")
    env = {**COMPLETE, "GITHUB_PRIVATE_KEY": "", "GITHUB_PRIVATE_KEY_PATH": str(tmp_path / "key.pem")}
    assert Settings.from_env(env).private_key.reveal() == "PRIVATE KEY"
    with pytest.raises(SettingsError, match="cannot be read"):
        Settings.from_env({**env, "GITHUB_PRIVATE_KEY_PATH": str(tmp_path / "no.pem")})


@pytest.mark.parametrize("url", ["postgres://h/d", "postgresql://h/d", "postgresql+asyncpg://h/d"])
def test_postgres_is_reached_through_asyncpg(url):
    assert Settings.from_env({**COMPLETE, "DATABASE_URL": url}).database_url == "postgresql+asyncpg://h/d"


def test_no_secret_shows_in_any_rendering():
    settings = Settings.from_env({**COMPLETE, "SENTRY_DSN": "https://dsn"})
    shown = f"{settings} {settings!r} {Secret('hidden')!s} {Secret('hidden')!r}"
    assert not any(word in shown for word in ("abc", "s3cr3t", "//dsn", "hidden"))


def test_the_table_names_every_setting():
    assert all(f"`{setting.name}`" in settings_table() for setting in SETTINGS)
