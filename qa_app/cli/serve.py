"""`qa serve`: the site, for people."""

import ipaddress
import socket
import threading
from importlib import import_module

import click
from pydantic import ValidationError

from qa_app.config import Settings
from qa_app.domain.errors import QaError
from qa_app.factory import create_app, with_static_files


@click.command("serve")
@click.option("--host", help="Address to listen on (QA_HOST; 127.0.0.1 unless set).")
@click.option("--port", type=int, help="Port to listen on (QA_PORT; 8000 unless set).")
def serve(host: str | None, port: int | None) -> None:
    """Serve the site with waitress until it is stopped."""
    from waitress import serve as listen

    from qa_app.jobs.due_days import watching_days
    from qa_app.jobs.sealing import sealing

    given = {key: value for key, value in {"host": host, "port": port}.items() if value is not None}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as faults:
        raise SystemExit(f"The settings can't be used: {faults}") from None
    if is_loopback(settings.host) and not settings.trusted_proxy:
        settings = settings.model_copy(update={"secure_cookies": False})
    check_port(settings.host, settings.port)
    try:
        app = create_app(settings)
    except QaError as fault:
        raise SystemExit(f"The settings can't be used: {fault.message}") from None
    options = (
        {
            "trusted_proxy": settings.trusted_proxy,
            "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto",
            "trusted_proxy_count": 1,
        }
        if settings.trusted_proxy
        else {}
    )
    click.echo(f"Line of Sight is at http://{settings.host}:{settings.port} (Ctrl+C stops it).", err=True)
    # Pandas takes seconds to import on a slow machine: the first reader of a theme page must not wait for it.
    threading.Thread(target=import_module, args=("pandas",), daemon=True).start()
    with sealing(app), watching_days(app):
        listen(
            with_static_files(app),
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            ident="",
            **options,
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address: only then may cookies travel without https."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_port(host: str, port: int) -> None:
    """Say in words that the port is taken, before anything starts."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            words = (
                f"Port {port} on {host} can't be used: something else listens there, or this account may not. "
                f"Stop that, or choose another port: qa serve --port {port + 1 if port < 65535 else 8000}"
            )
            raise SystemExit(words) from None
