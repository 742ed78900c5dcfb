"""What every response tells the browser: run nothing but our own files, show us in no frame, keep no copy."""

from collections.abc import Callable
from wsgiref.headers import Headers

from flask import Flask, request
from werkzeug.wrappers import Response

POLICY = (
    "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "manifest-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # same-origin, not none: the check of forged forms over https reads the referrer of our own pages
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), clipboard-read=(), display-capture=(), "
        "geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def headers_of_files(app: Flask) -> Callable[[Headers, str, str], None]:
    """What adds the headers to a static file, which is served before the app is asked."""
    kept = {**HEADERS, **HTTPS_HEADERS} if app.config["SETTINGS"].secure_cookies else HEADERS

    def add(headers: Headers, _path: str, _url: str) -> None:
        for name, value in kept.items():
            headers[name] = value

    return add


def set_security_headers(app: Flask) -> None:
    """Add the headers to every response; pages are never kept by the browser's cache."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        if app.config["SETTINGS"].secure_cookies:
            for name, value in HTTPS_HEADERS.items():
                response.headers.setdefault(name, value)
        if (request.endpoint or "").endswith(".sign_out"):
            # Not the cache: no page of ours is ever kept there, and clearing it takes browsers seconds.
            response.headers["Clear-Site-Data"] = '"storage"'
        return response
