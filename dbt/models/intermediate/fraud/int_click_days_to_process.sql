{{ config(incremental_strategy='replace_run') }}

with newest as (

    select *
    from (
        select f.*, row_number() over (partition by is_before, click_date order by observed_at desc, fetch_id desc) as newest_first
        from {{ ref('int_click_fetches') }} as f
    ) as ranked
    where newest_first = 1

),

chosen as (

    select now.click_date, now.fetch_id, before.fetch_id is null or before.landed_rows <> now.landed_rows or before.content <> now.content as is_changed
    from newest as now
    left join newest as before on before.click_date = now.click_date and before.is_before
    where not now.is_before

)

select
    {{ run_id() }}::varchar(250) as run_id,
    click_date as report_date,
    fetch_id::varchar(36) as fetch_id,
    is_changed,
    true as is_within_window
from chosen
where is_changed
    {%- if var('days') %} or click_date in ('{{ var("days") | join("', '") }}'){% endif %}
