"""A configured secret that anybody could guess makes the service not ready, and is not told."""

from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.main import create_app
from app.operations.check_secrets import KEYS, find_weak_secrets
from app.rehearsal.api.keys import DEMONSTRATION_KEYS
from app.settings import Settings
from app.signing import load_or_make_key
from tests.databases import MakeDatabase

pytestmark = pytest.mark.acceptance("agreement.7")
GOOD_KEY = "c0b2a3f4-9d1e-4c57-8a6b-7e2f91d03c48"
GOOD_PASSWORD = "correct-horse-battery"  # noqa: S105 - of a database that there is not
WEAK_KEYS = (
    "changeme", "x", "", "0" * 8, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "11111111-2222-3333-4444-555555555555", "12345678-1234-1234-1234-123456789012",
    "01234567-89ab-cdef-0123-456789abcdef", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", *DEMONSTRATION_KEYS,
)  # fmt: skip


def settings(folder: Path, **changes: Any) -> Settings:
    return Settings(data_dir=folder, **changes)


@pytest.mark.parametrize("key", WEAK_KEYS)
def test_a_placeholder_is_no_key_of_ripe_atlas(tmp_path: Path, key: str) -> None:
    """Under whichever name; what is said does not repeat it."""
    for name in KEYS:
        [said] = find_weak_secrets(settings(tmp_path, **{name: SecretStr(key)}))

        assert said.startswith(f"RASAD_{name.upper()} ")
        assert len(key) < 8 or key not in said


def test_a_rehearsal_stays_ready_with_its_own_keys(tmp_path: Path) -> None:
    """They are published, and guard nothing."""
    for key in DEMONSTRATION_KEYS:
        assert find_weak_secrets(settings(tmp_path, atlas_is_rehearsal=True, atlas_key=SecretStr(key))) == ()


def test_a_key_at_random_is_none() -> None:
    random = Random(7)  # noqa: S311 - the same ones every time
    keys = [str(UUID(int=random.getrandbits(128), version=4)) for _ in range(2_000)]
    faults = [find_weak_secrets(Settings(data_dir=Path("/nowhere"), atlas_key=SecretStr(key))) for key in keys]

    assert set(faults) == {()}


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://rasad@db.example/rasad", "is empty"),
        ("postgresql://rasad:@db.example/rasad", "is empty"),
        ("postgresql://192.0.2.1/rasad", "is empty"),
        ("postgresql://rasad:postgres@db.example/rasad", "is a default"),
        ("postgresql://rasad:Password@db.example/rasad", "is a default"),
        ("postgresql://observatory-of-tj:observatory-of-tj@db.example/x", "is a default"),
        ("postgresql://rasad:observatory-data@db.example/observatory-data", "is a default"),
        ("postgresql://rasad:%70ostgres@db.example/rasad", "is a default"),
        ("postgresql://rasad:aaaaaaaaaaaaaaaa@db.example/rasad", "is a default"),
        ("postgresql://rasad:k3Fp9@db.example/rasad", "is shorter than"),
        ("postgresql:///rasad?host=db.example&user=rasad&password=rasad", "is a default"),
        ("postgresql://rasad@localhost/rasad?host=db.example", "is empty"),
    ],
)
def test_a_password_of_a_database_elsewhere_is_none_that_one_guesses(tmp_path: Path, url: str, why: str) -> None:
    [said] = find_weak_secrets(settings(tmp_path, database_url=url))

    assert said.startswith("RASAD_DATABASE_URL: the password")
    assert why in said
    assert "k3Fp9" not in said


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://rasad:{GOOD_PASSWORD}@db.example/rasad",
        f"postgresql:///rasad?host=db.example&password={GOOD_PASSWORD}",
        "postgresql://rasad@db.example/rasad?passfile=/run/secrets/pgpass",
        "postgresql://rasad@db.example/rasad?sslcert=/run/secrets/rasad.pem",
        "postgresql://rasad@localhost/rasad",
        "postgresql://postgres:postgres@127.0.0.1/rasad",
        "postgresql://rasad@[::1]:5433/rasad",
        "postgresql:///rasad?host=/run/postgresql",
        "postgresql:///rasad",
        "sqlite:////srv/rasad/rasad.db",
    ],
)
def test_a_good_one_passes_and_one_of_this_machine_is_its_own_matter(tmp_path: Path, url: str) -> None:
    assert find_weak_secrets(settings(tmp_path, database_url=url)) == ()


def test_an_audit_key_that_others_can_read_is_named(tmp_path: Path) -> None:
    """Without one nothing is wrong: it is made when it is needed."""
    held = settings(tmp_path)
    assert find_weak_secrets(held) == ()
    load_or_make_key(held.audit_key_file)
    assert find_weak_secrets(held) == ()
    held.audit_key_file.chmod(0o640)
    [said] = find_weak_secrets(held)

    assert said.startswith("RASAD_AUDIT_KEY_FILE")


def test_all_of_them_are_named_at_once(tmp_path: Path) -> None:
    held = settings(tmp_path, atlas_key=SecretStr("changeme"), database_url="postgresql://rasad@db.example/rasad")

    assert len(find_weak_secrets(held)) == 2


def test_the_service_is_not_ready_with_a_weak_secret(make_database: MakeDatabase, tmp_path: Path) -> None:
    """503 with its name and without the secret; all else is answered, and with a good one it is ready."""
    url = make_database()
    for key, status in (("changeme-please", 503), (GOOD_KEY, 200)):
        client = TestClient(create_app(settings(tmp_path, database_url=url, atlas_stop_key=SecretStr(key))))
        answer = client.get("/readyz")

        assert answer.status_code == status
        assert key not in answer.text
        assert client.get("/healthz").status_code == 200
        if status == 503:
            assert answer.json()["type"] == "urn:rasad:problem:weak-secret"
            assert "RASAD_ATLAS_STOP_KEY" in answer.json()["detail"]
