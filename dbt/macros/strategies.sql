{# Each strategy deletes what the run replaces and inserts what the model made, in the transaction of the model, behind the
   lock that its pre_hook took. Which rows are deleted never depends on which were made: a day that became empty is emptied. #}

{# The days of the run. Models on TUNE's side name their own list of days in meta. #}
{% macro get_incremental_replace_days_sql(arg_dict) %}
  {%- set day_column = config.meta_get('day_column', 'report_date') -%}
  {%- set dates_model = config.meta_get('dates_model', 'int_days_to_process') -%}
  {{ replace_rows(arg_dict, day_column ~ ' in (select report_date from ' ~ ref(dates_model) ~ ' where run_id = ' ~ run_id() ~ ' and is_within_window)') }}
{% endmacro %}

{# The loads of the run. #}
{% macro get_incremental_replace_loads_sql(arg_dict) %}
  {{ replace_rows(arg_dict, 'load_id in (select load_id from ' ~ ref('int_run_loads') ~ ' where run_id = ' ~ run_id() ~ ')') }}
{% endmacro %}

{# The run's own rows in a table that keeps those of other runs. #}
{% macro get_incremental_replace_run_sql(arg_dict) %}
  {{ replace_rows(arg_dict, 'run_id = ' ~ run_id()) }}
{% endmacro %}

{# Everything: small tables that are cheaper to make than to mend. #}
{% macro get_incremental_replace_all_sql(arg_dict) %}
  {{ replace_rows(arg_dict, 'true') }}
{% endmacro %}

{% macro replace_rows(arg_dict, condition) %}
  {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
  delete from {{ arg_dict['target_relation'] }} where {{ condition }};
  insert into {{ arg_dict['target_relation'] }} ({{ columns }})
  select {{ columns }} from {{ arg_dict['temp_relation'] }} where {{ condition }}
{% endmacro %}
