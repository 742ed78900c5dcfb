"""`python -m qa_app` is `qa`."""

from qa_app.cli.main import main

if __name__ == "__main__":
    main()
