{{ config(materialized='ephemeral') }}

-- What a finished run saw before lies beside what is in force now until this run is finished, also where a partition was loaded again.
with landed as (

    select
        f.*,
        f.load_id in {{ taken_loads() }} as is_taken,
        f.load_id in {{ loads_in_force('tune_fetches') }} or f.load_id in {{ loads_in_force('tune_clicks') }} as is_in_force
    from {{ ref('int_click_fetches_landed') }} as f

),

seen as (

    select true as is_before, fetch_id, fetched_day, observed_at, declared_rows, landed_rows, content from landed where is_taken
    union all
    select false, fetch_id, fetched_day, observed_at, declared_rows, landed_rows, content from landed where is_in_force

)

-- Complete: as many rows landed as the fetch declared when it ended.
select
    is_before,
    fetch_id,
    max(fetched_day) as click_date,
    max(observed_at) as observed_at,
    sum(landed_rows) as landed_rows,
    sum(content) as content
from seen
group by is_before, fetch_id
having sum(declared_rows) = sum(landed_rows) and count(fetched_day) = 1
