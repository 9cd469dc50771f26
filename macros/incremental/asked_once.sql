{#
    The rows that answer a question to which no model changes the answer for another: asked once a run, by whichever model
    needs it first. Most of a small run's time is such questions.
#}
{% macro asked_once(question) %}
    {%- set answers = graph.setdefault('answers', {}) -%}
    {%- if question not in answers -%}
        {%- do answers.update({question: run_query(question).rows}) -%}
    {%- endif -%}
    {{ return(answers[question]) }}
{% endmacro %}
