{{ config(incremental_strategy='replace_loads', sort='dt') }}

-- The line that a fetch ends with.
select
    load_id, dt, fetch_id, null::date as tune_date, window_from, window_to, observed_at,
    declared_rows, 0::bigint as landed_rows
from {{ ref('stg_tune__fetches') }}
where target = 'conversions' and {{ arrivals_of_run('tune_fetches') }}

union all

-- The rows that it brought, counted by load and day.
select
    load_id, dt, fetch_id, tune_date, null::date as window_from, null::date as window_to, max(observed_at) as observed_at,
    0::bigint as declared_rows, count(distinct tune_conversion_id) as landed_rows
from {{ ref('int_tune_conversions_landed') }}
where load_id in (select load_id from {{ ref('int_run_loads') }} where run_id = {{ run_id() }} and table_name = 'tune_conversions')
group by load_id, dt, fetch_id, tune_date
