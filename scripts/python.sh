# Sets PYTHON to an interpreter that dbt supports, unless the caller has chosen one.
if [ -z "${PYTHON:-}" ]; then
    for PYTHON in python3 python3.13 python3.12 python3.11; do
        "$PYTHON" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && break
        PYTHON=python3
    done
fi
command -v "$PYTHON" >/dev/null || { echo "error: no $PYTHON here; install Python 3.11, 3.12 or 3.13" >&2; exit 1; }
