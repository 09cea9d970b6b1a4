{{ config(materialized='ephemeral') }}

with installs as (

    select
        s.conversion_id, s.report_date, s.app_id, s.click_user_agent, s.first_received_at,
        datediff(second, s.clicked_at, s.installed_at) as seconds_to_install,
        count(*) over (partition by s.report_date, s.site, date_trunc('hour', s.first_received_at)) as installs_in_hour,
        t.installs, t.timed_installs, t.installs_within_hour, t.other_sites, t.deviation, t.clicks, t.top_agent, t.top_agent_clicks,
        t.active_hours, t.median_hour
    from {{ ref('int_conversion_signals') }} as s
    join {{ ref('int_site_statistics') }} as t on t.report_date = s.report_date and t.site = s.site
    where s.report_date in {{ days_of_run() }} and s.event_kind = 'install'

)

-- Of a site whose installs are spread flatly over the days, the quick ones may be genuine.
select
    conversion_id, report_date, app_id, 'F3' as rule_id, (installs_within_hour::numeric(20, 8) / timed_installs)::numeric(20, 8) as value,
    timed_installs as sample_size,
    installs_within_hour::varchar || ' of ' || timed_installs::varchar || ' installs of the site came within an hour' as detail
from installs
where seconds_to_install > 3600 and timed_installs > 0

union all
select
    conversion_id, report_date, app_id, 'F4', (installs::numeric(20, 8) / clicks)::numeric(20, 8), clicks,
    installs::varchar || ' installs of ' || clicks::varchar || ' clicks of the site'
from installs
where clicks > 0

union all
-- At least five other sites, or there is nothing to be off from.
select
    conversion_id, report_date, app_id, 'F5', deviation::numeric(20, 8), timed_installs,
    'the site''s mean time to install is ' || {{ plain_number('deviation') }} || ' standard deviations off that of the app''s ' || other_sites::varchar || ' others'
from installs
where deviation is not null and other_sites >= 5

union all
select
    conversion_id, report_date, app_id, 'F11', (top_agent_clicks::numeric(20, 8) / clicks)::numeric(20, 8), clicks,
    'its user agent made ' || top_agent_clicks::varchar || ' of ' || clicks::varchar || ' clicks of the site'
from installs
where clicks > 0 and click_user_agent = top_agent

union all
-- At least twelve hours with installs, or no hour of the site is usual.
select
    conversion_id, report_date, app_id, 'F19', (installs_in_hour / nullif(median_hour, 0))::numeric(20, 8), installs_in_hour,
    installs_in_hour::varchar || ' installs of the site in one hour, where ' || {{ plain_number('median_hour') }} || ' are usual'
from installs
where active_hours >= 12
