{# How far a run looks: window_days around the days asked for; with none asked for, around the arrival days of what is new. #}
{% macro window_edge(edge, days) -%}
  {%- if var('days') -%}
  dateadd(day, {{ days }}, '{{ (var("days") | min) if edge == "min" else (var("days") | max) }}'::timestamp)::date
  {%- else -%}
  (select dateadd(day, {{ days }}, {{ edge }}(dt))::date from {{ ref('int_run_loads') }} where run_id = {{ run_id() }} and is_new)
  {%- endif -%}
{%- endmacro %}

{% macro within_window(day) -%}
  {{ day }} between {{ window_edge('min', -1 * var('window_days')) }} and {{ window_edge('max', var('window_days')) }}
{%- endmacro %}


{# An identity as a number, so that a table can be sorted by it. #}
{% macro identity_number(key) -%}
  strtol(left({{ key }}, 15), 16)::bigint
{%- endmacro %}
