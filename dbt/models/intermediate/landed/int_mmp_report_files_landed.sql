{{ config(incremental_strategy='replace_loads', sort='dt') }}

-- The line that a report ends with.
select
    load_id, loaded_at, dt, hr, report_id, source, report, null::varchar(256) as app_id, window_from, window_to, time_zone, observed_at,
    declared_rows, 0::bigint as landed_rows
from {{ ref('stg_mmp__report_files') }}
where {{ arrivals_of_run('mmp_report_files') }}

union all

-- The rows that it brought, counted by load and app. The rows of one reading lie in one hour, so in one load.
select
    load_id, max(loaded_at) as loaded_at, dt, hr, report_id, source, report, app_id, null::date as window_from, null::date as window_to, null::varchar(64) as time_zone,
    max(observed_at) as observed_at, 0::bigint as declared_rows, count(distinct report_row) as landed_rows
from {{ ref('int_mmp_reports_landed') }}
where load_id in (select load_id from {{ ref('int_run_loads') }} where run_id = {{ run_id() }} and table_name = 'mmp_reports')
group by load_id, dt, hr, report_id, source, report, app_id
