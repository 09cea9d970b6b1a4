{# ANALYZE is for tables. #}
{% macro analyze_table(relation) -%}
  {%- if config.get('materialized') == 'incremental' -%} analyze {{ relation }} {%- endif -%}
{%- endmacro %}
