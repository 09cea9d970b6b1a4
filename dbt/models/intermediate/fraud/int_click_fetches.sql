{{ config(materialized='ephemeral') }}

-- What counted when the last finished run ended, and what counts now, also where a partition was loaded again.
with seen as (

    select true as is_before, f.*
    from {{ ref('int_click_fetches_landed') }} as f
    where f.load_id in {{ loads_in_force_before('tune_fetches') }} or f.load_id in {{ loads_in_force_before('tune_clicks') }}
    union all
    select false as is_before, f.*
    from {{ ref('int_click_fetches_landed') }} as f
    where f.load_id in {{ loads_in_force('tune_fetches') }} or f.load_id in {{ loads_in_force('tune_clicks') }}

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
