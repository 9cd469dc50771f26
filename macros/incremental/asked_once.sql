{#
    The rows that answer a question to which no model changes the answer for another: asked once a run, by whichever model
    needs it first. Most of a small run's time is such questions.
#}
{% macro asked_once(question) %}
    {%- if 'answers' not in graph -%}{%- do graph.update({'answers': {}}) -%}{%- endif -%}
    {%- if question not in graph.answers -%}
        {%- do graph.answers.update({question: run_query(question).rows}) -%}
    {%- endif -%}
    {{ return(graph.answers[question]) }}
{% endmacro %}
