{#
    Before an incremental model reads: takes away the rows of what has news, all of which it reads again. An object may
    have none of them any more.
#}
{% macro forget_news(states, column) -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where {{ column }} in (
            select news.{{ column }}
            from {{ ref(states) }} as news
            where {{ of_new_batches('news.batch') }}
        )
    {%- endif -%}
{%- endmacro %}
