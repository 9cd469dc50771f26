"""The one error that a user sees: a line that says what is wrong and what to do."""

import click


class Failure(click.ClickException):
    """An expected failure. Printed as one line, without a traceback; the exit code is 1."""

    exit_code = 1

    def show(self, file=None) -> None:  # noqa: ANN001 - click's signature
        """Print the message as `error: …` on standard error."""
        click.echo(f"error: {self.format_message()}", file=file, err=file is None)
