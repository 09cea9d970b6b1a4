{{ config(incremental_strategy='replace_all') }}

with in_force as (

    select f.*, (f.load_id in {{ taken_loads() }}) as is_taken_load
    from {{ ref('int_tune_fetches_landed') }} as f
    where f.load_id in {{ loads_in_force('tune_fetches') }} or f.load_id in {{ loads_in_force('tune_conversions') }}

)

select
    fetch_id,
    max(window_from) as window_from,
    max(window_to) as window_to,
    max(case when window_to is not null then observed_at end) as observed_at,
    bool_and(is_taken_load) as is_taken
from in_force
group by fetch_id
having sum(declared_rows) = sum(landed_rows) and count(window_to) = 1
