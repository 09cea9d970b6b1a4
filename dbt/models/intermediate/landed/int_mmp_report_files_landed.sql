{{ config(incremental_strategy='replace_loads', sort='dt') }}

select distinct report_id, source, report, window_from, window_to, declared_rows, observed_at, dt, hr, load_id, loaded_at
from {{ ref('stg_mmp__report_files') }}
where {{ arrivals_of_run('mmp_report_files') }}
