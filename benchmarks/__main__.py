"""`python -m benchmarks`: how long saving an answer, opening the longest form and the theme page take."""

import json
import sys
from dataclasses import asdict

from benchmarks.council import council
from benchmarks.measures import answer_saved, longest_form, theme_page


def main() -> None:
    """Build the council, measure, and print a table; with `--json`, one object."""
    print("Building the demonstration council ...", file=sys.stderr)
    with council() as built:
        measures = [answer_saved(built), longest_form(built), theme_page(built)]
        n_reviews = built.n_reviews
    if "--json" in sys.argv[1:]:
        rows = [{**asdict(each), "ratio": each.ratio} for each in measures]
        print(json.dumps({"submitted_reviews": n_reviews, "measures": rows}))
        return
    print(
        f"Embedded database, {n_reviews} submitted reviews, medians. Statements include the check of the sign-in.\n"
    )
    print(f"{'Measure':<20}{'ours':>10}{'bare':>10}{'ratio':>8}{'statements':>12}  bare is")
    for each in measures:
        print(
            f"{each.name:<20}{each.ours_ms:>7.1f} ms{each.bare_ms:>7.2f} ms{each.ratio:>7.1f}x"
            f"{each.n_statements:>12}  {each.against}"
        )


if __name__ == "__main__":
    main()
