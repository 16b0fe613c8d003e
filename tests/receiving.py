"""Those who take messages, on loopback: a webhook over HTTP, and a mail server of a few lines."""

import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, NamedTuple

TOKEN = "s3cr3t-t0ken"  # noqa: S105 - of a test
"""Of the webhook's address: it must be found nowhere."""
PASSWORD = "pa55w0rd-of-mail"  # noqa: S105 - of a test


class Webhook(HTTPServer):
    """Keeps what it is told; answers 503 while `is_away`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.told: list[dict[str, Any]] = []
        self.is_away = False
        self.n_asked = 0

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server_address[1]}/{TOKEN}"

    @property
    def titles(self) -> list[str]:
        return [one["title"] for one in self.told]


class _Hook(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.n_asked += 1
        if not self.server.is_away:
            self.server.told.append(json.loads(content))
        self.send_response(503 if self.server.is_away else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


class Mail(NamedTuple):
    """A mail that was taken."""

    to: tuple[str, ...]
    subject: str
    text: str


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every mail, and keeps it."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.mails: list[Mail] = []

    @property
    def address(self) -> str:
        return f"mailto://127.0.0.1:{self.server_address[1]}/?from=rasad@example.org&mode=insecure&format=text"


class _Smtp(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        to: list[str] = []
        self._say("220 ready")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"RCPT":
                to.append(line.decode().partition("<")[2].partition(">")[0])
            if word == b"DATA":
                self._say("354 go on")
                self._keep(tuple(to))
            self._say("221 bye" if word == b"QUIT" else "250 well")
            if word == b"QUIT":
                return

    def _keep(self, to: tuple[str, ...]) -> None:
        lines = list(iter(self.rfile.readline, b".\r\n"))
        message = message_from_string(b"".join(lines).decode())
        part = next(one for one in message.walk() if one.get_content_type() == "text/plain")
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        subject = str(make_header(decode_header(str(message["Subject"]))))
        self.server.mails.append(Mail(to, subject, payload.decode()))

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def webhook() -> Iterator[Webhook]:
    """One that listens while the block runs."""
    with Webhook() as server, _serving(server):
        yield server


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """One that listens while the block runs."""
    with MailServer() as server, _serving(server):
        yield server


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
