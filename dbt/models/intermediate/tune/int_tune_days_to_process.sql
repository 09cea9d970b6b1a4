{{ config(incremental_strategy='replace_run') }}

with days as (

    select distinct tune_date
    from {{ ref('int_tune_fetches_landed') }}
    where tune_date is not null
        and (load_id in {{ loads_in_force('tune_conversions') }} or load_id in {{ loads_in_force_before('tune_conversions') }})

),

ranked as (

    select
        days.tune_date, fetches.side, fetches.fetch_id,
        row_number() over (partition by days.tune_date, fetches.side order by fetches.observed_at desc, fetches.fetch_id desc) as newest_first
    from days
    join {{ ref('int_tune_windows') }} as fetches on days.tune_date between fetches.window_from and fetches.window_to

),

chosen as (

    select
        tune_date,
        max(case when side = 'now' then fetch_id end) as fetch_id,
        max(case when side = 'before' then fetch_id end) as previous_fetch_id
    from ranked
    where newest_first = 1
    group by tune_date

)

select
    {{ run_id() }}::varchar(250) as run_id,
    tune_date as report_date,
    fetch_id::varchar(36) as fetch_id,
    previous_fetch_id::varchar(36) as previous_fetch_id,
    true as is_within_window
from chosen
where coalesce(fetch_id, '') <> coalesce(previous_fetch_id, '')
    {%- if var('days') %} or tune_date in ('{{ var("days") | join("', '") }}'){% endif %}
