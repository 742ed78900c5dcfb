"""Mail against a small SMTP server on this machine."""

import socket
import threading
from collections.abc import Iterator

import pytest

from qa_app.adapters.mail import MailRefused, send_mail


class SmallServer:
    """Speaks just enough SMTP to take one mail, or to refuse its recipient."""

    def __init__(self, refuses: bool = False) -> None:
        self.refuses = refuses
        self.received = ""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rwb", buffering=0) as wire:
            wire.write(b"220 here\r\n")
            in_data = False
            for raw in wire:
                line = raw.decode().rstrip("\r\n")
                if in_data:
                    if line == ".":
                        in_data = False
                        wire.write(b"250 kept\r\n")
                    else:
                        self.received += line + "\n"
                elif line.upper().startswith("RCPT") and self.refuses:
                    wire.write(b"550 no such person\r\n")
                elif line.upper() == "DATA":
                    in_data = True
                    wire.write(b"354 go on\r\n")
                elif line.upper() == "QUIT":
                    wire.write(b"221 bye\r\n")
                    return
                else:
                    wire.write(b"250 ok\r\n")

    def close(self) -> None:
        self.thread.join(timeout=5)
        self.socket.close()


@pytest.fixture(params=[False, True], ids=["takes", "refuses"])
def server(request: pytest.FixtureRequest) -> Iterator[SmallServer]:
    made = SmallServer(refuses=request.param)
    yield made
    made.close()


def send(address: str, to: str = "auditor@example.org", subject: str = "Something waits") -> None:
    send_mail(
        address, security="none", user="", password="", sender="qa@example.org", to=to, subject=subject,
        body="A review waits for you.\n",
    )  # fmt: skip


def test_a_mail_arrives_or_its_refusal_is_told_without_an_address(server: SmallServer) -> None:
    if server.refuses:
        with pytest.raises(MailRefused) as refused:
            send(server.address)
        assert "example.org" not in str(refused.value)
    else:
        send(server.address)
        assert "To: auditor@example.org" in server.received
        assert "A review waits for you." in server.received


def test_no_server_and_a_broken_header_are_refusals() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    with pytest.raises(MailRefused):
        send(f"127.0.0.1:{port}")
    with pytest.raises(MailRefused):
        send("127.0.0.1:1", subject="One\r\nBcc: everybody@example.org")
