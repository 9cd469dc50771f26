{# Whether a live column's type is the promised one, whatever its length, precision or spelling. #}
{% macro same_type(actual, promised) -%}
    {%- set families = {
        'timestamp without time zone': 'timestamp',
        'timestamp with time zone': 'timestamptz',
        'character varying': 'text',
        'varchar': 'text',
        'character': 'text',
        'bigint': 'numeric',
        'integer': 'numeric',
        'smallint': 'numeric',
        'bool': 'boolean',
    } -%}
    {%- set names = [] -%}
    {%- for name in [actual, promised] -%}
        {%- set bare = modules.re.sub('\(.*?\)', '', name | lower) | trim -%}
        {%- do names.append(families.get(bare, bare)) -%}
    {%- endfor -%}
    {{ return(names[0] == names[1]) }}
{%- endmacro %}
