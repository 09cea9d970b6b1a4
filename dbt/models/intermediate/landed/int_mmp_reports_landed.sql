{{ config(incremental_strategy='replace_loads', sort='report_day') }}

-- A report that could not be ended may lie there twice, read at two times.
select distinct
    report_id, report_row, source, report, click_id, app_id, affiliate_id, event_name, is_rejected, reject_reason, reject_reason_value, revenue,
    currency, touched_at, installed_at, event_at, report_day, observed_at, dt, hr, load_id, loaded_at
from {{ ref('stg_mmp__reports') }}
where {{ arrivals_of_run('mmp_reports') }}
