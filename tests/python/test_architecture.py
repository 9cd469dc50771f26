"""Is the project in shape? Everything here is read from dbt's manifest, which `seeded` has made."""

import json
import re
from pathlib import Path

import pytest

MAY_READ = {
    "seed": set(),
    "source": set(),
    "staging": {"raw", "staging"},
    "snapshots": {"staging"},
    "utilities": {"staging", "utilities", "reference"},
    "intermediate": set(),
    "core": {"staging", "utilities", "intermediate", "reference", "core", "snapshots"},
    "finance": {"staging", "utilities", "intermediate", "reference", "core", "finance"},
    "growth": {"staging", "utilities", "intermediate", "reference", "core", "finance", "growth"},
    "support": {"staging", "utilities", "intermediate", "reference", "core", "support"},
}
"""The README's picture as a table: who may read what.

Beyond it: intermediate models serve their own mart and may read what it may, and staging reads
staging of its own source.
"""

SUFFIXES = {
    "_at": {"timestamptz"},
    "_on": {"date"},
    "_date": {"date"},
    "_month": {"date"},
    "month": {"date"},
    "_minor": {"bigint"},
    "_rate": {"numeric"},
    "_count": {"bigint", "integer"},
    "_key": {"text"},
}


@pytest.fixture(scope="module")
def manifest(seeded) -> dict:
    return json.loads((Path(seeded.environ["DBT_TARGET_PATH"]) / "manifest.json").read_text())


@pytest.fixture(scope="module")
def models(manifest) -> list[dict]:
    kinds = ("model", "snapshot", "seed")
    return [node for node in manifest["nodes"].values() if node["resource_type"] in kinds]


def layer(node: dict) -> str:
    """The part of the picture that a node stands in."""
    if node["resource_type"] == "source" or node["name"].startswith("raw_"):
        return "raw"
    if node["resource_type"] == "seed":
        return "reference"
    if node["resource_type"] == "snapshot":
        return "snapshots"
    folders = Path(node["original_file_path"]).parts
    return folders[2] if folders[1] == "marts" else folders[1]


def marts(models: list[dict]) -> list[dict]:
    return [node for node in models if "marts" in node["original_file_path"]]


def folder(node: dict) -> str:
    """The source or the mart that a node belongs to, whatever its layer."""
    return Path(node["original_file_path"]).parts[2 if layer(node) in MAY_READ else 1]


def is_allowed(node: dict, parent: dict) -> bool:
    above, below = layer(node), layer(parent)
    if below not in MAY_READ[folder(node) if above == "intermediate" else above]:
        return False
    if below == "intermediate" or (above, below) == ("staging", "staging"):
        mart = folder(node) if above in ("staging", "intermediate") else above
        return folder(parent) == mart
    return True


def test_nothing_reads_upwards_or_across(manifest, models):
    everything = manifest["nodes"] | manifest["sources"]
    wrong = [
        f"{node['name']} reads {parent['name']}"
        for node in models
        for parent in (everything[key] for key in node["depends_on"].get("nodes", []))
        if not is_allowed(node, parent)
    ]
    assert wrong == []


def test_an_arrow_that_is_not_in_the_picture_is_found():
    def node(path: str) -> dict:
        return {"resource_type": "model", "name": Path(path).stem, "original_file_path": path}

    finance, core = node("models/marts/finance/a.sql"), node("models/marts/core/b.sql")
    theirs, ours = node("models/intermediate/core/c.sql"), node("models/intermediate/finance/d.sql")
    dogdb, stripe = node("models/staging/dogdb/e.sql"), node("models/staging/stripe/states/f.sql")
    assert is_allowed(finance, core)
    assert not is_allowed(core, finance)
    assert is_allowed(finance, ours)
    assert not is_allowed(finance, theirs)
    assert is_allowed(ours, finance)
    assert not is_allowed(theirs, finance)
    assert is_allowed(stripe, stripe)
    assert not is_allowed(stripe, dogdb)


def test_every_model_is_a_pair_of_files_with_one_stem(models):
    for node in models:
        if node["resource_type"] != "seed":
            path = Path(node["original_file_path"])
            assert Path(node["patch_path"].removeprefix("dogdb://")) == path.with_suffix(".yml")
            assert path.stem == node["name"]


def test_every_model_and_column_says_what_it_means(manifest, models):
    """Seeds of raw tables are described as sources, once."""
    for node in models:
        assert len(node["description"]) > 15, node["name"]
        words = node["description"].lower().replace("*", "")
        assert words.rstrip(".") != node["name"].replace("_", " ")
        if node["resource_type"] != "seed":
            assert node["columns"], f"{node['name']} names no column"
        for column in node["columns"].values():
            where = f"{node['name']}.{column['name']}"
            assert len(column["description"]) > 5, where
    for source in manifest["sources"].values():
        assert source["description"], source["name"]
        for column in source["columns"].values():
            assert column["description"], f"{source['name']}.{column['name']}"
            assert column["data_type"], f"{source['name']}.{column['name']}"


def test_the_yml_names_the_columns_that_the_database_has(seeded, models):
    found = {}
    for schema, table, column in seeded.query(
        "select table_schema, table_name, column_name from information_schema.columns"
    ):
        found.setdefault((schema, table), set()).add(column)
    for node in models:
        if node["resource_type"] != "seed":
            has = {
                column
                for column in found[(node["schema"], node["alias"])]
                if not column.startswith("dbt_")
            }
            assert has == set(node["columns"]), node["name"]


def test_every_mart_states_its_grain_and_keeps_its_contract(models):
    for node in marts(models):
        for head in ("**Grain**", "**Means**", "**Leaves out**", "**Why**"):
            assert head in node["description"], f"{node['name']} lacks {head}"
        if node["config"]["materialized"] != "view":
            assert node["config"]["contract"]["enforced"], node["name"]
            kinds = [rule["type"] for rule in node["constraints"]]
            assert kinds.count("primary_key") == 1, node["name"]


def test_marts_are_public_and_what_makes_them_is_private(models):
    for node in models:
        if layer(node) in ("core", "finance", "growth", "support"):
            assert node["access"] == "public", node["name"]
            assert node["group"] == layer(node), node["name"]
        elif layer(node) == "intermediate":
            assert node["access"] == "private", node["name"]
            assert node["group"] == Path(node["original_file_path"]).parts[2], node["name"]


def test_a_name_tells_its_type(models):
    for node in marts(models):
        for column in node["columns"].values():
            name, kind = column["name"], (column["data_type"] or "").split("(")[0]
            where = f"{node['name']}.{name} is {kind}"
            for suffix, kinds in SUFFIXES.items():
                if name == suffix or (suffix.startswith("_") and name.endswith(suffix)):
                    assert kind in kinds, where
            assert kind == "boolean" or not name.startswith(("is_", "has_")), where
            assert kind not in ("double precision", "real", "float", "money"), where


def test_a_boolean_is_never_null(models):
    for node in marts(models):
        if node["config"]["materialized"] != "view":
            for column in node["columns"].values():
                if column["data_type"] == "boolean":
                    kinds = [rule["type"] for rule in column["constraints"]]
                    assert "not_null" in kinds, f"{node['name']}.{column['name']}"


def test_every_account_reference_is_a_foreign_key(models):
    for node in marts(models):
        if node["name"] == "customer_accounts" or node["config"]["materialized"] == "view":
            continue
        if "account_id" in node["columns"]:
            keys = [r["columns"] for r in node["constraints"] if r["type"] == "foreign_key"]
            assert ["account_id"] in keys, node["name"]


def test_unit_tests_read_as_claims_and_fit_their_name(manifest):
    for test in manifest["unit_tests"].values():
        assert test["name"].startswith(f"{test['model']}__"), test["name"]
        assert len(test["name"]) <= 63, test["name"]


def test_every_mart_with_a_rule_of_its_own_has_a_unit_test(manifest, models):
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    only_select = {"customer_interactions", "customer_licenses", "rejected_records"}
    only_select |= {"stripe_customers"}
    assert {node["name"] for node in marts(models)} - tested <= only_select


def test_no_query_is_asked_again_for_every_row(manifest, models):
    """PostgreSQL joins no `not in (select …)` and no `or … in (select …)`: where what they look
    through does not fit into work_mem, it does so for each row."""
    slow = re.compile(r"\b(not|or [\w.]+) in \(\s*(select|\{\{ (with_news|told_by))")
    written = {node["name"]: node["raw_code"] for node in models}
    written |= {
        macro["name"]: macro["macro_sql"]
        for macro in manifest["macros"].values()
        if macro["package_name"] == "dogdb"
    }
    assert [name for name, text in written.items() if slow.search(text)] == []


def test_exposures_name_a_question_and_an_owner(manifest):
    assert manifest["exposures"]
    for exposure in manifest["exposures"].values():
        assert "?" in exposure["description"], exposure["name"]
        assert exposure["owner"]["email"], exposure["name"]


def test_one_macro_one_file(manifest):
    for macro in manifest["macros"].values():
        if macro["package_name"] == "dogdb" and "/generic/" not in macro["original_file_path"]:
            stem = Path(macro["original_file_path"]).stem
            name = macro["name"].removeprefix("postgres__")
            assert name == stem or name.startswith("materialization_"), macro["name"]


def test_docs_are_generated_without_a_warning(seeded):
    printed = seeded.dbt("--warn-error", "docs", "generate")
    assert "WARNING" not in printed
    comment = "select obj_description('core.customer_accounts'::regclass)"
    assert "**Grain** One row per account." in seeded.query(comment)[0][0]
