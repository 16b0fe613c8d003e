"""Settings come from `RASAD_*`, are checked, and never let a password out."""

from pathlib import Path

import pytest

from app.settings import LogFormat, LogLevel, Settings, UnusableSettings, load_settings


def test_without_any_variable_everything_has_a_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A newcomer sets nothing."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    settings = load_settings()

    assert settings.data_dir == tmp_path / "rasad"
    assert settings.database_url == f"sqlite:///{tmp_path}/rasad/rasad.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert (settings.log_level, settings.log_format) == (LogLevel.INFO, LogFormat.CONSOLE)
    assert settings.workers >= 1


def test_the_database_lies_in_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moving the folder moves the database."""
    monkeypatch.setenv("RASAD_DATA_DIR", "/srv/rasad")

    assert load_settings().database_url == "sqlite:////srv/rasad/rasad.db"


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """`RASAD_PORT= rasad serve` and compose files with blanks work."""
    monkeypatch.setenv("RASAD_PORT", "")

    assert load_settings().port == 8000


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_through_psycopg_3(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """However the address is written, the driver is the one we install."""
    monkeypatch.setenv("RASAD_DATABASE_URL", f"{scheme}://rasad:secret@192.0.2.1/rasad")

    assert load_settings().database_url == "postgresql+psycopg://rasad:secret@192.0.2.1/rasad"


@pytest.mark.parametrize(
    "url",
    ["mysql://192.0.2.1/rasad", "postgresql+psycopg2://192.0.2.1/rasad", "rasad.db", "sqlite://", "sqlite:///:memory:"],
)
def test_other_databases_are_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Only what the tests cover; a database in memory would be gone with its process."""
    monkeypatch.setenv("RASAD_DATABASE_URL", url)

    with pytest.raises(UnusableSettings, match=r"RASAD_DATABASE_URL: expected sqlite:///"):
        load_settings()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "rasad.example"])  # noqa: S104 - it is refused
def test_listening_beyond_loopback_is_refused(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Without users there is nobody to let in."""
    monkeypatch.setenv("RASAD_HOST", host)

    with pytest.raises(UnusableSettings, match=r"RASAD_HOST: .* not a loopback address. Whoever reaches Rasad"):
        load_settings()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_every_loopback_address_will_do(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """IPv4, IPv6, or the name."""
    monkeypatch.setenv("RASAD_HOST", host)

    assert load_settings().host == host


def test_every_unusable_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One attempt tells everything that is wrong, a line each."""
    monkeypatch.setenv("RASAD_PORT", "http")
    monkeypatch.setenv("RASAD_LOG_FORMAT", "xml")

    with pytest.raises(UnusableSettings) as caught:
        load_settings()

    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["RASAD_PORT", "RASAD_LOG_FORMAT"]


def test_a_password_is_neither_shown_nor_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a log of the settings, not in an error about them."""
    monkeypatch.setenv("RASAD_DATABASE_URL", "postgresql://rasad:secret@192.0.2.1/rasad")
    shown = repr(load_settings())
    monkeypatch.setenv("RASAD_DATABASE_URL", "mysql://rasad:secret@192.0.2.1/rasad")
    with pytest.raises(UnusableSettings) as caught:
        load_settings()

    assert "secret" not in shown
    assert "secret" not in str(caught.value)


def test_every_setting_says_what_it_is() -> None:
    """What the README and `rasad --help` can show about a setting stands beside it."""
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("address", ["http://stat.example", "stat.ripe.net", "https://stat.ripe.net?x=1"])
def test_a_ripestat_that_others_could_answer_for_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """What it says decides about consent."""
    monkeypatch.setenv("RASAD_RIPESTAT_URL", address)

    with pytest.raises(UnusableSettings, match="RASAD_RIPESTAT_URL: "):
        load_settings()


def test_a_name_that_ripestat_would_not_see_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASAD_RIPESTAT_SOURCEAPP", "a&b")

    with pytest.raises(UnusableSettings, match=r"RASAD_RIPESTAT_SOURCEAPP: .* is no name"):
        load_settings()
