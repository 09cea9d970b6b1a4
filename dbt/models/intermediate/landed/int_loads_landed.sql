-- depends_on: {{ ref('int_postbacks_landed') }}
-- depends_on: {{ ref('int_parameters_landed') }}
-- depends_on: {{ ref('int_forwards_landed') }}
-- depends_on: {{ ref('int_tune_conversions_landed') }}
-- depends_on: {{ ref('int_tune_fetches_landed') }}
-- depends_on: {{ ref('int_tune_observations_landed') }}
-- depends_on: {{ ref('int_tune_clicks_landed') }}
-- depends_on: {{ ref('int_click_fetches_landed') }}
-- depends_on: {{ ref('int_mmp_reports_landed') }}
-- depends_on: {{ ref('int_mmp_report_files_landed') }}
-- depends_on: {{ ref('int_identity_days') }}
{{ config(incremental_strategy='replace_loads', sort='dt', post_hook="{{ forget_replaced_loads() }}") }}

select load_id, table_name, dt, hr, rows, loaded_at
from {{ ref('int_run_loads') }}
where run_id = {{ run_id() }}
