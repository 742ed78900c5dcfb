"""`qa worker`: background work, beside the site."""

import signal
import threading

import click

from qa_app.cli.context import database

PAUSE_SECONDS = 1.0


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
def worker(once: bool) -> None:
    """Do background work until it is stopped: seal the history, clear away old sign-ins, release
    reviews and close accounts on their day.

    Any number of workers may run. One that is killed loses nothing: its job is taken up again by another.
    """
    from qa_app.jobs.work import ask_for_repeating_work, do_next_job

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with database():
        ask_for_repeating_work()
        click.echo("Working. Ctrl+C stops it after the job in hand.", err=True)
        n_done = 0
        while not stop.is_set():
            if do_next_job() is not None:
                n_done += 1
            elif once:
                break
            else:
                stop.wait(PAUSE_SECONDS)
    click.echo(f"{n_done} jobs done.", err=True)
