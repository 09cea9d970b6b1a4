{# ANALYZE is for tables. #}
{% macro analyze_table(relation) -%}
  {%- if config.get('materialized') == 'incremental' -%} analyze {{ relation }} {%- endif -%}
{%- endmacro %}


{# Two runs at once replace the same views, and each drops what it moved out of the way only after its commit: so that has a name of its own. #}
{% macro redshift__make_backup_relation(base_relation, backup_relation_type, suffix) -%}
  {{ return(base_relation.incorporate(path={'identifier': base_relation.identifier ~ '__' ~ invocation_id[:8]}, type=backup_relation_type)) }}
{%- endmacro %}
