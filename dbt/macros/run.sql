{# The run's id as a literal. #}
{% macro run_id() -%}
  '{{ var("run_id") | string | replace("'", "''") }}'
{%- endmacro %}


{# Opens the run: a row in ops.runs, and no loads taken yet. The same id again starts that run anew, so the loads that it
   had taken are new again. The first model calls it, in the transaction in which it lists the run's loads. #}
{% macro start_run() %}
  {%- if execute and not var('run_id') -%}
    {{ exceptions.raise_compiler_error("A run needs its id: --vars '{\"run_id\": \"…\", \"days\": [\"YYYY-MM-DD\"]}'") }}
  {%- endif -%}
  {{- refuse_purged_days() -}}
  delete from ops.run_loads where run_id = {{ run_id() }};
  delete from ops.runs where run_id = {{ run_id() }};
  insert into ops.runs (run_id, requested_days, status, started_at)
  values ({{ run_id() }}, '{{ var("days") | join(",") }}', 'running', getdate())
{% endmacro %}


{# The first and the last UTC day in which postbacks of a report date arrived, if they arrived at once. #}
{% macro first_arrival(day) -%}
  convert_timezone('{{ var("time_zone") }}', 'UTC', '{{ day }}'::timestamp)::date
{%- endmacro %}

{% macro last_arrival(day) -%}
  convert_timezone('{{ var("time_zone") }}', 'UTC', dateadd(day, 1, '{{ day }}'::timestamp))::date
{%- endmacro %}


{# A day whose postbacks are no longer in landing would be emptied by a rebuild: it stays as it is, and the run says why. #}
{% macro refuse_purged_days() %}
  {%- set ledger = ref('stg_ledger__loads') -%}
  {%- for day in var('days') if execute -%}
    {%- set purged = run_query(
      'select count(*) from ' ~ ledger ~ " where table_name = 'postbacks' and status = 'purged' and dt between "
      ~ first_arrival(day) ~ ' and ' ~ last_arrival(day)
    ).columns[0].values()[0] -%}
    {%- if purged > 0 -%}
      {{ exceptions.raise_compiler_error(day ~ ' cannot be rebuilt: ' ~ purged ~ ' of its arrival hours were purged from landing. Its marts stay as they are.') }}
    {%- endif -%}
  {%- endfor -%}
{% endmacro %}


{# The loads that the run takes: written beside the model that lists them, in its transaction. #}
{% macro take_loads() %}
  insert into ops.run_loads (run_id, load_id)
  select run_id, load_id from {{ this }} where run_id = {{ run_id() }}
{% endmacro %}


{# Rows of replaced loads say what a day looked like before. Those that a finished run replaced are dropped by the next run, once it has read landing:
   until then that run, cleared and done again, sees the same as the first time. #}
{% macro forget_replaced_loads() %}
  {%- for model in ['int_postbacks_landed', 'int_identity_days', 'int_parameters_landed', 'int_forwards_landed', 'int_tune_fetches_landed', 'int_tune_conversions_landed',
                    'int_tune_observations_landed', 'int_tune_clicks_landed', 'int_click_fetches_landed', 'int_mmp_reports_landed',
                    'int_mmp_report_files_landed'] %}
  delete from {{ ref(model) }} where load_id in {{ replaced_loads() }};
  {%- endfor %}
  delete from {{ this }} where load_id in {{ replaced_loads() }} {# 'int_loads_landed', which tells them, last #}
{% endmacro %}

{% macro replaced_loads() -%}
  (select o.load_id
   from {{ this }} as o
   join {{ this }} as n on n.table_name = o.table_name and n.dt = o.dt and n.hr = o.hr and n.loaded_at > o.loaded_at
   where n.load_id in {{ taken_loads() }})
{%- endmacro %}


{# Closes the run. #}
{% macro finish_run() %}
  update ops.runs set status = 'finished', finished_at = getdate() where run_id = {{ run_id() }}
{% endmacro %}


{# The loads that finished runs have taken. #}
{% macro taken_loads() -%}
  (select l.load_id from {{ source('ops', 'run_loads') }} as l
   join {{ source('ops', 'runs') }} as r on r.run_id = l.run_id
   where r.status = 'finished')
{%- endmacro %}


{# The days that this run rebuilds, as dbt's list of literals: so the sort key prunes, and the planner knows how much is read. #}
{% macro listed_days() %}
  {%- set query = 'select report_date::varchar from ' ~ ref('int_days_to_process') ~ ' where run_id = ' ~ run_id() ~ ' and is_within_window order by 1' -%}
  {{ return(run_query(query).columns[0].values() | list if execute else []) }}
{% endmacro %}

{# Those days, to stand behind IN. #}
{% macro days_of_run() -%}
  {%- set days = listed_days() -%}
  {{ "('" ~ days | join("', '") ~ "')" if days else '(null::date)' }}
{%- endmacro %}

{# Their first and their last, with as many days before or behind as a run looks around. #}
{% macro first_day_read() -%}
  {%- set days = listed_days() -%}
  {{ "dateadd(day, -" ~ var('window_days') ~ ", '" ~ days[0] ~ "'::timestamp)::date" if days else 'null::date' }}
{%- endmacro %}

{% macro last_day_read() -%}
  {%- set days = listed_days() -%}
  {{ "dateadd(day, " ~ var('window_days') ~ ", '" ~ days[-1] ~ "'::timestamp)::date" if days else 'null::date' }}
{%- endmacro %}


{# Whether a receipt day is read for the copies of the run's conversions: those days with the window, and the distant ones that int_distant_days found. #}
{% macro within_reach(day) -%}
  {%- set distant = distant_days() -%}
  ({{ day }} between {{ first_day_read() }} and {{ last_day_read() }}{% if distant %} or {{ day }} in ('{{ distant | join("', '") }}'){% endif %})
{%- endmacro %}

{% macro distant_days() %}
  {%- set query = 'select receipt_date::varchar from ' ~ ref('int_distant_days') ~ ' where run_id = ' ~ run_id() ~ ' order by 1' -%}
  {{ return(run_query(query).columns[0].values() | list if execute else []) }}
{% endmacro %}


{# The loads on which the marts stand: of each partition the newest that was read from landing. #}
{% macro loads_in_force(table) -%} {{ newest_loads(table, 'true') }} {%- endmacro %}

{# The loads on which they stood when the last finished run ended. #}
{% macro loads_in_force_before(table) -%} {{ newest_loads(table, 'load_id in ' ~ taken_loads()) }} {%- endmacro %}

{% macro newest_loads(table, condition) -%}
  (select load_id from (
     select load_id, row_number() over (partition by dt, hr order by loaded_at desc, load_id desc) as newest_first
     from {{ ref('int_loads_landed') }} where table_name = '{{ table }}' and {{ condition }}
   ) as ranked where newest_first = 1)
{%- endmacro %}


{# The predicate of a read of landing: the arrival days of the run's loads as literals, so that the sort key prunes, and
   those loads alone. #}
{% macro arrivals_of_run(table) -%}
  {%- set run_loads = ref('int_run_loads') -%}
  {%- set days = [] -%}
  {%- if execute -%}
    {%- set days = run_query(
      'select distinct dt::varchar from ' ~ run_loads ~ ' where run_id = ' ~ run_id() ~ " and table_name = '" ~ table ~ "' order by 1"
    ).columns[0].values() | list -%}
  {%- endif -%}
  {%- if days -%}
  dt in ('{{ days | join("', '") }}')
    and load_id in (select load_id from {{ run_loads }} where run_id = {{ run_id() }} and table_name = '{{ table }}')
  {%- else -%}
  dt in (null::date)
  {%- endif -%}
{%- endmacro %}


{# The end of the newest landed hour that has rows. Hours loaded empty do not count: they may lie in the future. #}
{% macro landed_until(condition='true') -%}
  (select max(dateadd(hour, hr + 1, dt::timestamp)) from {{ ref('int_loads_landed') }} where rows > 0 and {{ condition }})
{%- endmacro %}


{# The first or last UTC day in which postbacks of the run's days arrived, as a literal. #}
{% macro arrivals_of_days(edge) -%}
  {%- set query = 'select ' ~ edge ~ '(dt)::varchar from ' ~ ref('int_postbacks_landed') ~ ' where receipt_date in ' ~ days_of_run() -%}
  {%- set day = none -%}
  {%- if execute -%}
    {%- set day = run_query(query).columns[0].values()[0] -%}
  {%- endif -%}
  {{ "'" ~ day ~ "'" if day else 'null' }}::date
{%- endmacro %}
