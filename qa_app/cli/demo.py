"""`qa demo`: an invented council to look around in."""

import click

from qa_app.cli.context import database, print_json

ELSEWHERE = (
    "This database is not empty, so no demonstration was added to it. Point QA_DATABASE_URL or "
    "QA_INSTANCE_FOLDER at another place to make one there."
)


@click.command("demo")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object and nothing else on standard output."
)
def demo(as_json: bool) -> None:
    """Fill an empty database with an invented council: people, caseload, reviews, findings and a plan.

    Bring the database to its newest shape first (qa db upgrade). A database that holds anything is left alone, and
    the command says so.
    """
    from qa_app.demo.council import build_demonstration, is_demonstration, is_empty

    answer: dict[str, object] = {"made": False}
    with database(as_json):
        if is_empty():
            kept = build_demonstration(lambda words: click.echo(f"{words} ...", err=True))
            answer = {
                "made": True,
                "reviews": kept.n_reviews,
                "submitted": kept.n_submitted,
                "findings": kept.n_findings,
            }
        is_here = is_demonstration()
    if not answer["made"]:
        click.echo("The demonstration is here already." if is_here else ELSEWHERE, err=True)
    if as_json:
        print_json({**answer, **(sign_ins() if is_here else {})})
    elif is_here:
        tell_sign_ins()


def sign_ins() -> dict[str, object]:
    """Who can sign in to the demonstration, and with which password."""
    from qa_app.demo.council import PASSWORD
    from qa_app.demo.places import people

    return {"password": PASSWORD, "sign_ins": {person.email: person.role.label for person in people()}}


def tell_sign_ins() -> None:
    """The same in words."""
    from qa_app.demo.council import PASSWORD
    from qa_app.demo.places import people

    click.echo(f"Sign in to the demonstration with one of these, and the password: {PASSWORD}")
    for person in people():
        where = person.area or person.team
        click.echo(f"  {person.email:<34} {person.role.label}{f', {where}' if where else ''}")
