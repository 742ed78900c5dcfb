"""A real `qa serve` process on a database of its own, that can be stopped, killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from qa_app.config import Settings
from qa_app.extensions import db
from qa_app.factory import create_app
from qa_app.models.immutability import create_triggers
from qa_app.models.tables import metadata
from tests.builders import make_team, make_user
from tests.builders_reviews import make_form, make_review

PASSWORD = "a long demonstration phrase"
NURSERY = """
import os, sys
import pandas, waitress
import qa_app.factory, qa_app.jobs.due_days, qa_app.jobs.sealing
from qa_app.cli.main import main
for line in sys.stdin:
    number = os.fork()
    if number == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        main(["serve", "--port", sys.argv[1]])
        os._exit(0)
    print(number, flush=True)
    os.waitpid(number, 0)
    print("gone", flush=True)
"""
"""Reads the program in once and gives birth to a server whenever asked: each is a process of its own that runs
`qa serve`, without the seconds that a start spends on reading modules."""
LONG_FORM = {
    "form": "long-words",
    "title": "Long words",
    "cohort_kinds": ["monthly_audit"],
    "subject": "child",
    "plan_types": ["child_protection"],
    "sections": [
        {
            "section": "words",
            "title": "Words",
            "questions": [
                {"question": f"words_{number}", "text": f"Words {number}", "type": "long_text"}
                for number in range(1, 7)
            ],
        }
    ],
}


class RealServer:
    """The site as a council runs it, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "site.sqlite3"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.nursery: subprocess.Popen[bytes] | None = None
        self.number: int | None = None
        self.email, self.review_id = self._prepare()

    def _prepare(self) -> tuple[str, int]:
        app = create_app(
            Settings(
                database_url=f"sqlite:///{self.database}",
                secret_key="for this test only",
                secure_cookies=False,
                instance_folder=self.folder,
            )
        )
        with app.app_context():
            metadata.create_all(db.engine)
            with db.engine.begin() as connection:
                create_triggers(connection)
            auditor = make_user("Auditor", password=PASSWORD)
            from tests.builders_reviews import make_cohort

            review = make_review(auditor, make_cohort(make_form(LONG_FORM)), make_team())
            email, review_id = auditor.email, review.id
            db.session.commit()
            db.session.remove()
            db.engine.dispose()
        return email, review_id

    def start(self) -> None:
        """Start it, and wait until it answers."""
        if self.nursery is None:
            self.nursery = self._open_nursery()
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(b"start\n")
        self.nursery.stdin.flush()
        self.number = int(self.nursery.stdout.readline())
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.address}/health", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.02)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        """Pull the plug: SIGKILL, which nothing can catch."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it as an administrator does."""
        self._end(signal.SIGTERM)

    def close(self) -> None:
        """End it for good."""
        self.kill()
        if self.nursery is not None:
            self.nursery.communicate(timeout=20)

    def _end(self, by: signal.Signals) -> None:
        if self.number is None:
            return
        os.kill(self.number, by)
        self.number = None
        assert self.nursery is not None
        assert self.nursery.stdout is not None
        assert self.nursery.stdout.readline() == b"gone\n"

    def _open_nursery(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-c", NURSERY, str(self.port)],
            env={
                **os.environ,
                "QA_DATABASE_URL": f"sqlite:///{self.database}",
                "QA_INSTANCE_FOLDER": str(self.folder),
                "QA_SECRET_KEY": "for this test only",
                "QA_SECOND_FACTOR_ROLES": "none",
                "QA_SECURE_COOKIES": "false",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
