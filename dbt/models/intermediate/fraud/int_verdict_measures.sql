{{ config(materialized='ephemeral') }}

with conversions as (

    select s.*, r.normalised
    from {{ ref('int_conversion_signals') }} as s
    left join {{ ref('reject_reasons') }} as r on {{ is_reason('r.reject_reason', 's.reject_reason') }}
    where s.report_date in {{ days_of_run() }}

),

sites as (

    select report_date, site, count(*) as installs, sum(case when is_rejected then 1 else 0 end) as rejected
    from conversions
    where event_kind = 'install' and site is not null
    group by report_date, site

)

-- A rule of the advertiser's own (a wrong country, say) is a reason not to pay, and no fraud.
select
    conversion_id, report_date, app_id, 'F17' as rule_id,
    case when is_rejected and coalesce(normalised, '') <> 'validation_rule' then 1 else 0 end::numeric(20, 8) as value,
    null::bigint as sample_size,
    'the MMP rejects it: ' || coalesce(reject_reason, 'no reason given') as detail
from conversions

union all
-- The others of a site are suspect; those that the MMP rejects are not paid anyway.
select
    c.conversion_id, c.report_date, c.app_id, 'F18', (s.rejected::numeric(20, 8) / s.installs)::numeric(20, 8), s.installs,
    s.rejected::varchar || ' of ' || s.installs::varchar || ' installs of the site are rejected'
from conversions as c
join sites as s on s.report_date = c.report_date and s.site = c.site
where c.event_kind = 'install' and not c.is_rejected
