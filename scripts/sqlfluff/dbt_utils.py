"""What sqlfluff's Jinja templater needs of dbt_utils: something of the same shape."""


def generate_surrogate_key(fields: list[str]) -> str:
    """Return an expression over the same columns."""
    return f"md5({' || '.join(fields)})"
