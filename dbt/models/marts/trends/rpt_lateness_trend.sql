{{ config(materialized='view', bind=false) }}

with levels as (

    select * from {{ ref('trend_levels') }} where trend = 'lateness'

),

daily as (

    select
        receipt_date, source,
        sum(conversions) as conversions,
        sum(case when age in ('within 7 days', 'later') then conversions else 0 end) as late,
        sum(case when age = 'unknown' then conversions else 0 end) as without_time,
        sum(case when age = 'before it happened' then conversions else 0 end) as before_it_happened,
        sum(archived_late) as archived_late
    from {{ ref('fct_daily_arrivals') }}
    group by receipt_date, source

)

select
    d.receipt_date::date as receipt_date,
    d.source::varchar(64) as source,
    d.conversions::int as conversions,
    d.late::int as late,
    d.without_time::int as without_time,
    d.before_it_happened::int as before_it_happened,
    d.archived_late::int as archived_late,
    (d.late::numeric(18, 6) / nullif(d.conversions - d.without_time, 0))::numeric(18, 6) as late_share,
    {{ level('(d.late::numeric(18, 6) / nullif(d.conversions - d.without_time, 0))', 'd.conversions - d.without_time') }} as level
from daily as d
cross join levels
