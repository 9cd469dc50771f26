"""What sqlfluff's templater needs of dbt's `adapter`: dispatch, always to PostgreSQL's macros."""

from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context


@pass_context
def dispatch(context: Context, name: str) -> Callable[..., str]:
    """Return PostgreSQL's implementation of a dispatched macro."""
    return context.resolve(f"postgres__{name}")
