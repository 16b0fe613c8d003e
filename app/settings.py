"""What can be set from outside: the environment variables `RASAD_*`. Nothing else reads the environment."""

import ipaddress
import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from measurements.atlas.endpoint import API, PLATFORM_ADDRESS
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.errors import RasadError
from measurements.ripestat.endpoint import PLATFORM_ADDRESS as RIPESTAT
from measurements.ripestat.endpoint import SOURCEAPP, Endpoint
from measurements.ripestat.failures import UnusableEndpoint

PREFIX = "RASAD_"
DNS_PORT = 53
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


class UnusableSettings(RasadError):
    """A setting has no meaning; the message names the variable and says what it may hold."""


class LogFormat(StrEnum):
    """How log lines are written: for a person, or for a machine."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """From which weight on a log line is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _data_home() -> Path:
    """Where programs of this user keep their data (XDG base directories)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "rasad"


def _loopback(host: str) -> str:
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise ValueError(
            f"{host!r} is not a loopback address. Whoever reaches Rasad may read all that is public, and keys come "
            "unencrypted, so it listens on 127.0.0.1, ::1 or localhost only"
        )
    return host


def _names(text: str) -> str:
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a host; write rasad.example,observatory.example")
    return ",".join(names)


def _sqlite_or_postgresql(url: str) -> str:
    """The address with its driver named; the two databases that the tests cover, and no other."""
    scheme, separator, rest = url.partition("://")
    if separator and scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and rest.startswith("/") and urlsplit(url).path.lstrip("/") not in ("", ":memory:"):
        return url
    raise ValueError("expected sqlite:///path/to/file.db or postgresql://user:password@host/database")


def _http(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise ValueError("expected an address such as https://atlas.ripe.net")
    return url.rstrip("/").removesuffix(API)


def _ripestat(url: str) -> str:
    try:
        return Endpoint(address=_http(url)).origin
    except UnusableEndpoint as error:
        raise ValueError(str(error)) from None


def _sourceapp(name: str) -> str:
    try:
        return Endpoint(sourceapp=name).sourceapp
    except UnusableEndpoint as error:
        raise ValueError(str(error)) from None


def _name_server(text: str) -> str:
    try:
        host, _, port = text.partition("#")
        address, number = ipaddress.ip_address(host), int(port or DNS_PORT)
    except ValueError:
        raise ValueError("expected the address of a name server, such as 192.0.2.53 or 192.0.2.53#5353") from None
    return f"{address}#{number}"


class Settings(BaseSettings):
    """The settings of one process. Made once, by `load_settings`, and handed on."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    data_dir: Annotated[Path, AfterValidator(Path.expanduser)] = Field(default_factory=_data_home)
    """The folder that holds what Rasad keeps in files."""
    database_url: Annotated[str, AfterValidator(_sqlite_or_postgresql)] = Field(
        default_factory=lambda earlier: f"sqlite:///{earlier['data_dir'] / 'rasad.db'}", repr=False
    )
    """`sqlite:///path` or `postgresql://user:password@host/database`; a file in `data_dir` unless set. Never logged."""
    audit_key_file: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        default_factory=lambda earlier: earlier["data_dir"] / "audit" / "key.pem"
    )
    """The private key that signs the checkpoints of the audit trail; made when it is first needed."""
    host: Annotated[str, AfterValidator(_loopback)] = "127.0.0.1"
    """The address to listen on: a loopback address; whoever serves it further does so encrypted."""
    hosts: Annotated[str, AfterValidator(_names)] = ""
    """By which names a proxy is reached, with commas between; this machine's own loopback names need not be said."""
    port: int = Field(default=8000, ge=1, le=65535)
    """The TCP port to listen on."""
    log_level: LogLevel = LogLevel.INFO
    """From which weight on log lines are written."""
    log_format: LogFormat = LogFormat.CONSOLE
    """`console` for a person, `json` for a machine: one object per line."""
    atlas_url: Annotated[str, AfterValidator(_http)] = PLATFORM_ADDRESS
    """Where RIPE Atlas answers: the real one, or the address that `rasad rehearsal serve` prints."""
    atlas_stream_url: str = ""
    """Where its stream of results is; unless set, beside a rehearsal's API, or RIPE Atlas's own."""
    atlas_is_rehearsal: bool = False
    """Whether it is a rehearsal. Then its clock is ours, and everything that comes from it is labelled `rehearsed`."""
    atlas_ca_file: Path | None = None
    """A certificate authority to trust instead of the system's: a rehearsal's own."""
    atlas_key: SecretStr | None = None
    """The key for everything that has none of its own. Reading what is public needs none. Never logged."""
    atlas_create_key: SecretStr | None = None
    """The key that creates measurements (grant `measurements.create_measurement`)."""
    atlas_read_key: SecretStr | None = None
    """The key that reads results that are not public, and credits."""
    atlas_stop_key: SecretStr | None = None
    """The key that stops measurements."""

    limit_concurrent: int = Field(default=USUAL.concurrent, ge=1)
    """How many measurements RIPE Atlas lets the account have at once; like all limits raised by RIPE NCC on request."""
    limit_per_target: int = Field(default=USUAL.per_target, ge=1)
    """How many of them one target may have, everybody's together."""
    limit_probes: int = Field(default=USUAL.probes, ge=1)
    """How many probes one measurement may have."""
    limit_results_per_day: int = Field(default=USUAL.results_per_day, ge=1)
    """How many results a day the account may get."""
    limit_results_per_s: int = Field(default=USUAL.results_per_s, ge=1)
    """How many results a second one measurement may bring."""
    limit_credits_per_day: int = Field(default=USUAL.credits_per_day, ge=1)
    """How many credits a day the account may spend."""

    @property
    def limits(self) -> PlatformLimits:
        """All of the platform's limits."""
        return PlatformLimits(*(getattr(self, f"limit_{name}") for name in PlatformLimits._fields))

    @property
    def names(self) -> frozenset[str]:
        """The names of `hosts`, one by one."""
        return frozenset(self.hosts.split(",")) - {""}

    @property
    def checkpoints_file(self) -> Path:
        """Where those checkpoints are kept: outside of the database."""
        return self.data_dir / "audit" / "checkpoints.ndjson"

    @property
    def tombstones_file(self) -> Path:
        """Where it is said outside of the database what was erased: what is restored has it erased again."""
        return self.data_dir / "retention" / "tombstones.ndjson"

    @property
    def is_atlas_chosen(self) -> bool:
        """Whether anything was said about which Atlas to ask, or with which key."""
        keys = (self.atlas_key, self.atlas_create_key, self.atlas_read_key, self.atlas_stop_key)
        return self.atlas_is_rehearsal or self.atlas_url != PLATFORM_ADDRESS or any(key is not None for key in keys)

    key: SecretStr | None = None
    """A person's own key: by whose right the command line manages people; the machine's, unless set. Never logged."""
    ripestat_url: Annotated[str, AfterValidator(_ripestat)] = RIPESTAT
    """Where RIPEstat answers what is registered in Tajikistan. A rehearsal asks one on this machine only, if any."""
    ripestat_sourceapp: Annotated[str, AfterValidator(_sourceapp)] = SOURCEAPP
    """By which name RIPEstat is asked; it wants to know whoever asks often."""
    name_server: Annotated[str, AfterValidator(_name_server)] | None = None
    """Which name server is asked where the names of targets lead, `192.0.2.53` or `192.0.2.53#5353`; the system's,
    unless set. A rehearsal asks one on this machine only, if any."""
    stream: bool = True
    """Whether the worker also listens to the stream; what is kept is the same without, some minutes later."""
    alert_urls: SecretStr | None = None
    """Whom the worker tells what is wrong, as Apprise writes addresses, with blanks between: mail, webhooks. Never
    logged."""
    reminder_urls: SecretStr | None = None
    """By which mail servers the parties' representatives are reminded; webhooks are told as well. Never logged."""
    backup_folder: Annotated[Path, AfterValidator(Path.expanduser)] | None = None
    """Where the worker puts a backup every night; none is made unless set."""
    backups_kept: int = Field(default=14, ge=1, le=3650)
    """How many of them stay: the newest ones."""
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    """How many processes parse while ingesting; as many as there are processors unless set."""


PRACTICE = "practice"


def for_practice(settings: Settings) -> Settings:
    """The same for whoever practises: in a folder, and unless another is named a database, of its own; and quieter."""
    level = settings.log_level if "log_level" in settings.model_fields_set else LogLevel.ERROR
    return Settings(data_dir=settings.data_dir / PRACTICE, log_level=level)


def load_settings() -> Settings:
    """Read the environment. Raises `UnusableSettings` with one line per variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        lines = (
            f"{PREFIX}{'_'.join(map(str, problem['loc'])).upper()}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_url=False, include_input=False, include_context=False)
        )
        raise UnusableSettings("\n".join(lines)) from None
