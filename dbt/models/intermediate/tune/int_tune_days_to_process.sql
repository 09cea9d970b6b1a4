{{ config(incremental_strategy='replace_run') }}

with fetches as (

    select * from {{ ref('int_tune_windows') }}

),

days as (

    select distinct f.tune_date
    from {{ ref('int_tune_fetches_landed') }} as f
    where f.tune_date is not null and f.load_id in {{ loads_in_force('tune_conversions') }}

),

ranked as (

    select
        days.tune_date, fetches.fetch_id, fetches.is_taken,
        row_number() over (partition by days.tune_date order by fetches.observed_at desc, fetches.fetch_id desc) as newest_first,
        row_number() over (partition by days.tune_date, fetches.is_taken order by fetches.observed_at desc, fetches.fetch_id desc) as newest_of_its_kind
    from days
    join fetches on days.tune_date between fetches.window_from and fetches.window_to

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
