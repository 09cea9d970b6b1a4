{{ config(incremental_strategy='replace_all') }}

-- What counts now, and what counted when the last finished run ended. The same fetch may be in both, by another load.
with in_force as (

    select 'now' as side, f.*
    from {{ ref('int_tune_fetches_landed') }} as f
    where f.load_id in {{ loads_in_force('tune_fetches') }} or f.load_id in {{ loads_in_force('tune_conversions') }}
    union all
    select 'before' as side, f.*
    from {{ ref('int_tune_fetches_landed') }} as f
    where f.load_id in {{ loads_in_force_before('tune_fetches') }} or f.load_id in {{ loads_in_force_before('tune_conversions') }}

)

select
    side,
    fetch_id,
    max(window_from) as window_from,
    max(window_to) as window_to,
    max(case when window_to is not null then observed_at end) as observed_at
from in_force
group by side, fetch_id
having sum(declared_rows) = sum(landed_rows) and count(window_to) = 1
