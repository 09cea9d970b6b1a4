{{ config(materialized='ephemeral') }}

-- Complete: as many rows landed as the fetch declared when it ended.
with in_force as (

    select f.*, f.load_id in {{ taken_loads() }} as is_taken_load
    from {{ ref('int_click_fetches_landed') }} as f
    where f.load_id in {{ loads_in_force('tune_fetches') }} or f.load_id in {{ loads_in_force('tune_clicks') }}

)

select
    fetch_id,
    max(fetched_day) as click_date,
    max(observed_at) as observed_at,
    sum(landed_rows) as landed_rows,
    sum(content) as content,
    bool_and(is_taken_load) as is_taken
from in_force
group by fetch_id
having sum(declared_rows) = sum(landed_rows) and count(fetched_day) = 1
