"""Does a standing table hold what its contract says, and follow it where it changes?"""

import pytest

from dogdb.project import ROOT

MODEL = """
models:
  - name: things
    config:
      materialized: table
      contract: {enforced: true}
      indexes: [{columns: [name]}]
      grants: {select: [pg_read_all_data]}
    constraints:
      - {type: primary_key, columns: [id]}
%s
    columns:
      - {name: id, data_type: %s}
      - {name: name, data_type: text%s}
%s
"""


@pytest.fixture
def project(make_warehouse, tmp_path):
    """A project of one table with this project's materialization, in an empty database."""
    (tmp_path / "macros").symlink_to(ROOT / "macros" / "materializations")
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text(
        "name: small\nprofile: dogdb\nflags: {send_anonymous_usage_stats: false}\n"
        "models: {+schema: null}\n"
    )
    warehouse = make_warehouse("small", "seeds")

    def build(
        select="select 1 as id, 'a' as name",
        rules="",
        kind="integer",
        required="",
        more="",
        options=(),
        **expected,
    ) -> str:
        (tmp_path / "models" / "things.sql").write_text(select)
        (tmp_path / "models" / "things.yml").write_text(MODEL % (rules, kind, required, more))
        place = ["--project-dir", str(tmp_path)]
        return warehouse.dbt("run", "--quiet", *place, *options, **expected)

    warehouse.make = build
    return warehouse


def columns(warehouse) -> list[tuple]:
    return warehouse.query(
        "select column_name, data_type, is_nullable from information_schema.columns"
        " where table_name = 'things' order by ordinal_position"
    )


def rules(warehouse) -> list[str]:
    found = warehouse.query(
        "select pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = 'dogdb.things'::regclass and contype <> 'n' order by 1"
    )
    return [definition for (definition,) in found]


def test_columns_come_and_go_in_place(project):
    project.make()
    oid = project.query("select 'dogdb.things'::regclass::oid")
    project.make(
        "select 1 as id, 'a' as name, 2 as size", more="      - {name: size, data_type: integer}"
    )
    assert project.query("select * from dogdb.things") == [(1, "a", 2)]
    project.make()
    assert project.query("select * from dogdb.things") == [(1, "a")]
    assert project.query("select 'dogdb.things'::regclass::oid") == oid


def test_rules_come_change_and_go(project):
    bare = ["PRIMARY KEY (id)"]
    project.make()
    assert rules(project) == bare
    assert columns(project)[1] == ("name", "text", "YES")
    short = "      - {type: check, expression: length(name) < %s}"
    strict = (
        ", constraints: [{type: not_null}, {type: check, expression: \"name <> ''\"}]",
        "      - {type: unique, columns: [name]}\n" + short % 9,
    )
    project.make(required=strict[0], rules=strict[1])
    assert rules(project) == [
        "CHECK ((length(name) < 9))",
        "CHECK ((name <> ''::text))",
        *bare,
        "UNIQUE (name) DEFERRABLE",
    ]
    assert columns(project)[1] == ("name", "text", "NO")
    project.make(rules=short % 5)
    assert rules(project) == ["CHECK ((length(name) < 5))", *bare]
    assert columns(project)[1] == ("name", "text", "YES")
    indexes = (
        "select count(*) from pg_indexes where tablename = 'things' and indexdef like '%(name)'"
    )
    assert project.query(indexes) == [(1,)]


def test_rows_may_exchange_what_is_unique(project):
    unique = {"rules": "      - {type: unique, columns: [name]}"}
    rows = "select * from (values (1, '{}'), (2, '{}'), (3, '{}')) as rows (id, name)"
    project.make(rows.format("a", "b", "c"), **unique)
    project.make(rows.format("b", "c", "a"), **unique)
    assert project.query("select name from dogdb.things order by id") == [("b",), ("c",), ("a",)]
    assert "unique" in project.make(rows.format("b", "b", "a"), **unique, succeeds=False)


def test_another_type_or_key_is_made_anew_only_when_asked(project):
    project.make()
    wider = {"select": "select 1::bigint as id, 'a' as name", "kind": "bigint"}
    assert "--full-refresh" in project.make(**wider, succeeds=False)
    assert columns(project)[0][1] == "integer"
    project.make(**wider, options=["--full-refresh"])
    assert columns(project)[0][1] == "bigint"


def test_a_null_that_comes_or_goes_is_written(project):
    project.make("select 1 as id, null::text as name")
    project.make("select 1 as id, 'a' as name")
    assert project.query("select name from dogdb.things") == [("a",)]
    project.make("select 1 as id, null::text as name")
    assert project.query("select name from dogdb.things") == [(None,)]


def test_a_view_in_its_place_gives_way(project):
    project.query("create schema dogdb; create view dogdb.things as select 1 as id, 'b' as name")
    project.make()
    assert project.query("select name from dogdb.things") == [("a",)]


DESCRIBED = """
models:
  - name: grown
    description: {said}
    config: {{persist_docs: {{relation: true, columns: true}}}}
    columns: [{{name: id, description: key of {said}}}]
"""

SEEN = """
models:
  - name: seen
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: integer}]
"""


def test_a_view_stands_until_it_is_another(project, tmp_path):
    view = tmp_path / "models" / "seen.sql"
    definition = "{{ config(materialized='view') }} select id from {{ ref('things') }}"
    view.write_text(definition)
    view.with_suffix(".yml").write_text(SEEN)
    project.make()
    project.query("create view dogdb.above as select id from dogdb.seen")
    project.make("select 2 as id, 'b' as name")
    assert project.query("select * from dogdb.above") == [(2,)]
    view.write_text(definition + " where id > 2")
    project.make()
    assert project.query("select * from dogdb.seen") == []


def test_an_increment_takes_the_place_of_what_comes_again_and_may_have_other_columns(
    project, tmp_path
):
    grown = tmp_path / "models" / "grown.sql"
    config = (
        "{{ config(materialized='incremental', unique_key='id',"
        " incremental_strategy='delete+insert', on_schema_change='append_new_columns') }} "
    )
    grown.write_text(config + "select 1 as id, 'a' as name union all select 2, 'b'")
    project.make()
    grown.write_text(config + "select 5 as size, 2 as id, 'c' as name")
    project.make()
    rows = "select id, name, size from dogdb.grown order by id"
    assert project.query(rows) == [(1, "a", None), (2, "c", 5)]
    grown.write_text(config + "select 3 as id, 7 as size")
    project.make()
    assert project.query(rows) == [(1, "a", None), (2, "c", 5), (3, None, 7)]


def test_an_increment_writes_what_is_described_otherwise(project, tmp_path):
    grown = tmp_path / "models" / "grown.sql"
    grown.write_text("{{ config(materialized='incremental', unique_key='id') }} select 1 as id")
    for said in ("a table", "another"):
        grown.with_suffix(".yml").write_text(DESCRIBED.format(said=said))
        project.make()
        assert project.query(
            "select obj_description(oid, 'pg_class'), col_description(oid, 1) from pg_class"
            " where oid = 'dogdb.grown'::regclass"
        ) == [(said, f"key of {said}")]


def test_who_may_read_it_is_told_to_the_database(project):
    project.make()
    granted = "select grantee from information_schema.role_table_grants where table_name = 'things'"
    assert ("pg_read_all_data",) in project.query(granted)


KEYS = """
  - name: others
    config: {materialized: table, contract: {enforced: true}}
    constraints: [{type: primary_key, columns: [id]}]
    columns: [{name: id, data_type: integer}]
"""
KEYS += "".join(
    f"""
  - name: {name}
    config: {{materialized: table, contract: {{enforced: true}}}}
    constraints:
      - {{type: primary_key, columns: [id]}}
      - {{type: foreign_key, columns: [id], to: ref('things'), to_columns: [id]}}
      - {{type: foreign_key, columns: [id], to: ref('others'), to_columns: [id]}}
    columns: [{{name: id, data_type: integer}}]
"""
    for name in ("a", "b", "c")
)


def test_foreign_keys_change_in_tables_that_are_built_at_once(project, tmp_path):
    """While the first has read from one table that all refer to, and has yet to lock both, the
    second takes its keys away, and then the third."""
    models = tmp_path / "models"
    (models / "others.sql").write_text("select 1 as id")
    for name, seconds in (("a", 2), ("b", 0.5), ("c", 0)):
        (models / f"{name}.sql").write_text(
            f"select id from {{{{ ref('others') }}}}, (select pg_sleep({seconds})) as slept"
        )
    project.make(more=KEYS)
    names = "select conrelid::regclass::text, conname from pg_constraint where contype = 'f'"
    before = sorted(project.query(names))
    assert len(before) == 6
    for table, key in before:
        project.query(f'alter table {table} rename constraint "{key}" to "{key}_old"')
    project.make(more=KEYS, options=["--threads", "2"])
    assert sorted(project.query(names)) == before
