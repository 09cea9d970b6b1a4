{{ config(sort='report_date') }}

-- A week: the report date and the six days before.
with days as (

    select report_date, dateadd(day, -6, report_date)::date as first_day from {{ judged_days() }} as judged

),

-- How long after its click an install may come; what is later is F14's, and would drown every mean.
windows as (

    select a.app_id, max(coalesce(t.threshold, r.threshold)) * 86400 as seconds
    from (select distinct app_id from {{ ref('int_install_receipts') }}) as a
    cross join {{ ref('fraud_rules') }} as r
    left join {{ ref('fraud_thresholds') }} as t on t.rule_id = r.rule_id and t.app_id = a.app_id
    where r.rule_id = 'F14'
    group by a.app_id

),

-- Each install once a week, however often it was told.
installs as (

    select *
    from (
        select
            d.report_date, i.site, i.app_id, i.receipt_date, i.received_at,
            case when datediff(second, i.clicked_at, i.installed_at) between 0 and w.seconds then datediff(second, i.clicked_at, i.installed_at) end
                as seconds,
            row_number() over (partition by d.report_date, i.identity_key order by i.received_at, i.postback_id) as nth_receipt
        from days as d
        join {{ ref('int_install_receipts') }} as i on i.receipt_date between d.first_day and d.report_date
        left join windows as w on w.app_id = i.app_id
        where i.site is not null
    ) as numbered
    where nth_receipt = 1

),

sites as (

    select
        report_date, site,
        max(app_id) as app_id, -- a site has one offer, and an offer one app
        count(*) as installs,
        sum(case when receipt_date = report_date then 1 else 0 end) as installs_on_day,
        count(seconds) as timed_installs,
        sum(case when seconds <= 3600 then 1 else 0 end) as installs_within_hour,
        sum(seconds::numeric(38, 0)) as total_seconds,
        sum(seconds::numeric(38, 0) * seconds) as total_squares
    from installs
    group by report_date, site

),

-- What a site is compared with: the installs of the other sites of its app.
compared as (

    select
        sites.*,
        sum(case when timed_installs > 0 then 1 else 0 end) over (partition by report_date, app_id) - 1 as other_sites,
        sum(timed_installs) over (partition by report_date, app_id) - timed_installs as others_installs,
        sum(total_seconds) over (partition by report_date, app_id) - total_seconds as others_seconds,
        sum(total_squares) over (partition by report_date, app_id) - total_squares as others_squares
    from sites
    where app_id is not null and timed_installs > 0

),

-- Floats at the end only: the sums before are whole numbers, whatever the order of their rows.
deviations as (

    select
        report_date, site, other_sites,
        total_seconds::float / timed_installs as mean_seconds,
        others_seconds::float / others_installs as others_mean,
        (others_squares::float - others_seconds::float * others_seconds::float / others_installs) / (others_installs - 1) as others_variance
    from compared
    where others_installs >= 2

),

agents as (

    select
        report_date, site, user_agent, clicks,
        sum(clicks) over (partition by report_date, site) as site_clicks,
        row_number() over (partition by report_date, site order by clicks desc, user_agent) as nth_agent
    from (
        select d.report_date, c.site, c.user_agent, sum(c.clicks) as clicks
        from days as d
        join {{ ref('int_site_clicks') }} as c on c.click_date between d.first_day and d.report_date
        where c.click_date between {{ first_day_looked_at() }} and {{ last_day_looked_at() }}
        group by d.report_date, c.site, c.user_agent
    ) as weeks

),

hours as (

    select report_date, site, count(*) as active_hours, median(installs)::numeric(18, 2) as median_hour
    from (
        select report_date, site, date_trunc('hour', received_at) as hour_of_receipt, count(*) as installs
        from installs
        group by report_date, site, date_trunc('hour', received_at)
    ) as counted
    group by report_date, site

)

select
    s.report_date, s.site, s.app_id, s.installs, s.timed_installs, s.installs_within_hour,
    (s.total_seconds / nullif(s.timed_installs, 0))::numeric(18, 0) as mean_seconds,
    coalesce(v.other_sites, 0) as other_sites,
    -- Times that are all alike leave nothing to measure by.
    (case when v.others_variance >= 1 then abs(v.mean_seconds - v.others_mean) / sqrt(v.others_variance) end)::numeric(18, 4) as deviation,
    coalesce(a.site_clicks, 0) as clicks,
    a.user_agent as top_agent,
    coalesce(a.clicks, 0) as top_agent_clicks,
    h.active_hours, h.median_hour
from sites as s
left join deviations as v on v.report_date = s.report_date and v.site = s.site
left join agents as a on a.report_date = s.report_date and a.site = s.site and a.nth_agent = 1
left join hours as h on h.report_date = s.report_date and h.site = s.site
where s.installs_on_day > 0
