{{ config(materialized='view', bind=false) }}

with levels as (

    select * from {{ ref('trend_levels') }} where trend = 'breakage'

),

-- What the MMP rejects is withheld, so it cannot break.
daily as (

    select
        report_date, source, offer_id,
        sum(conversions - rejected) as selected,
        sum(breakage_forward) as broken,
        sum(unknown_click) as unknown_clicks
    from {{ ref('fct_daily_statistics') }}
    where source <> 'tune'
    group by report_date, source, offer_id

)

select
    d.report_date::date as report_date,
    d.source::varchar(64) as source,
    d.offer_id::varchar(64) as offer_id,
    d.selected::int as selected,
    d.broken::int as broken,
    d.unknown_clicks::int as unknown_clicks,
    (d.broken::numeric(18, 6) / nullif(d.selected, 0))::numeric(18, 6) as breakage_rate,
    {{ level('(d.broken::numeric(18, 6) / nullif(d.selected, 0))', 'd.selected') }} as level
from daily as d
cross join levels
