{{ config(incremental_strategy='replace_run') }}

with in_force as (

    select f.*, (f.load_id in {{ taken_loads() }}) as is_taken
    from {{ ref('int_tune_fetches_landed') }} as f
    where f.load_id in {{ loads_in_force('tune_fetches') }} or f.load_id in {{ loads_in_force('tune_conversions') }}

),

fetches as (

    select
        fetch_id,
        max(window_from) as window_from,
        max(window_to) as window_to,
        max(case when window_to is not null then observed_at end) as observed_at,
        sum(declared_rows) = sum(landed_rows) and count(window_to) = 1 as is_complete,
        bool_and(is_taken) as is_taken
    from in_force
    group by fetch_id

),

days as (

    select distinct tune_date from in_force where tune_date is not null

),

ranked as (

    select
        days.tune_date, fetches.fetch_id, fetches.is_taken,
        row_number() over (partition by days.tune_date order by fetches.observed_at desc, fetches.fetch_id desc) as newest_first,
        row_number() over (partition by days.tune_date, fetches.is_taken order by fetches.observed_at desc, fetches.fetch_id desc) as newest_of_its_kind
    from days
    join fetches on days.tune_date between fetches.window_from and fetches.window_to
    where fetches.is_complete

),

chosen as (

    select
        tune_date,
        max(case when newest_first = 1 then fetch_id end) as fetch_id,
        max(case when is_taken and newest_of_its_kind = 1 then fetch_id end) as previous_fetch_id
    from ranked
    group by tune_date

)

select
    {{ run_id() }}::varchar(250) as run_id,
    tune_date as report_date,
    fetch_id::varchar(36) as fetch_id,
    previous_fetch_id::varchar(36) as previous_fetch_id,
    true as is_within_window
from chosen
where previous_fetch_id is null or fetch_id <> previous_fetch_id
    {%- if var('days') %} or tune_date in ('{{ var("days") | join("', '") }}'){% endif %}
