{#
    Where in an object's life an event's type belongs; decides between events of one second that nothing else
    tells apart. A snapshot loses against every event of its second.
#}
{% macro life_cycle_rank(type) -%}
    case
        when {{ type }} like 'snapshot.%' then 0
        when {{ type }} like '%.created' or {{ type }} like '%.attached' then 1
        when {{ type }} like '%.finalized' or {{ type }} like '%.pending' then 2
        when {{ type }} like '%.payment_failed' or {{ type }} like '%.failed' then 4
        when {{ type }} like '%.succeeded' or {{ type }} like '%.payment_succeeded' then 5
        when {{ type }} like '%.paid' or {{ type }} like '%.captured' then 6
        when {{ type }} like '%.voided' or {{ type }} like '%.marked_uncollectible' then 7
        when {{ type }} like '%.refunded' or {{ type }} like '%.closed' then 7
        when {{ type }} like '%.deleted' or {{ type }} like '%.detached' then 9
        else 3
    end
{%- endmacro %}
