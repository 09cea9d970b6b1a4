{{ config(materialized='view', bind=false) }}

with levels as (

    select * from {{ ref('trend_levels') }} where trend = 'freshness'

),

stages as (

    select 'archive: ' || table_name as stage, max(dateadd(hour, hr + 1, dt::timestamp)) as newest_at
    from {{ ref('int_loads_landed') }}
    where rows > 0
    group by table_name

    union all

    select 'fetch: conversions', max(observed_at) from {{ ref('int_tune_fetches_landed') }} where window_to is not null

    union all

    select
        'transform: days',
        max(convert_timezone('{{ var("time_zone") }}', 'UTC', dateadd(day, 1, report_date::timestamp)))
    from {{ ref('int_rebuilt_days') }}

),

-- Business logic knows no clock: a stage is as late as it is behind the others.
compared as (

    select stage, newest_at, datediff(hour, newest_at, max(newest_at) over ()) as hours_behind from stages where newest_at is not null

)

select
    c.stage::varchar(64) as stage,
    c.newest_at::timestamp as newest_at,
    c.hours_behind::int as hours_behind,
    {{ level('c.hours_behind') }} as level
from compared as c
cross join levels
