{{ config(materialized='view', bind=false) }}

with levels as (

    select * from {{ ref('trend_levels') }} where trend = 'volume'

),

days as (

    select report_date from {{ ref('int_rebuilt_days') }}

),

volumes as (

    select report_date, source, offer_id, sum(conversions) as conversions
    from {{ ref('fct_daily_statistics') }}
    where source <> 'tune'
    group by report_date, source, offer_id

),

-- A source and offer is watched on its days and for the look-back after each; a day without a row is a day with none.
watched as (

    select distinct days.report_date, volumes.source, volumes.offer_id
    from volumes
    cross join levels
    join days on days.report_date between volumes.report_date and dateadd(day, levels.look_back_days::int, volumes.report_date)

),

earlier as (

    select w.report_date, w.source, w.offer_id, coalesce(v.conversions, 0) as conversions
    from watched as w
    cross join levels
    join days on days.report_date < w.report_date and days.report_date >= dateadd(day, -levels.look_back_days::int, w.report_date)
    left join volumes as v on v.report_date = days.report_date and v.source = w.source and v.offer_id = w.offer_id

),

medians as (

    select report_date, source, offer_id, median(conversions) as median_conversions, count(*) as days
    from earlier
    group by report_date, source, offer_id

),

spreads as (

    select e.report_date, e.source, e.offer_id, median(abs(e.conversions - m.median_conversions)) as mad
    from earlier as e
    join medians as m on m.report_date = e.report_date and m.source = e.source and m.offer_id = e.offer_id
    group by e.report_date, e.source, e.offer_id

),

compared as (

    select
        w.report_date, w.source, w.offer_id, coalesce(v.conversions, 0) as conversions, m.median_conversions, s.mad, coalesce(m.days, 0) as days,
        -- 1.4826 makes the MAD of normal values their standard deviation. Counts scatter at least by their square root.
        (coalesce(v.conversions, 0) - m.median_conversions) / greatest(1.4826 * s.mad, sqrt(m.median_conversions), 1) as deviations
    from watched as w
    left join volumes as v on v.report_date = w.report_date and v.source = w.source and v.offer_id = w.offer_id
    left join medians as m on m.report_date = w.report_date and m.source = w.source and m.offer_id = w.offer_id
    left join spreads as s on s.report_date = w.report_date and s.source = w.source and s.offer_id = w.offer_id

)

select
    c.report_date::date as report_date,
    c.source::varchar(64) as source,
    c.offer_id::varchar(64) as offer_id,
    c.conversions::int as conversions,
    c.days::int as days_before,
    c.median_conversions::numeric(18, 2) as median_before,
    c.mad::numeric(18, 2) as mad_before,
    c.deviations::numeric(18, 2) as deviations,
    -- Half the look-back is the least from which a median means something.
    {{ level('c.deviations', 'case when c.days * 2 >= levels.look_back_days then greatest(c.conversions, c.median_conversions) else -1 end') }} as level
from compared as c
cross join levels
