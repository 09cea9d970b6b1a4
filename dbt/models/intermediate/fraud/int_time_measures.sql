{{ config(materialized='ephemeral') }}

with conversions as (

    select
        s.conversion_id, s.report_date, s.event_kind, s.app_id,
        datediff(second, s.clicked_at, s.installed_at) as seconds_to_install,
        datediff(second, s.install_began_at, s.clicked_at) as seconds_begun_before_click,
        datediff(second, s.installed_at, s.clicked_at) as installed_before_click,
        datediff(second, s.occurred_at, s.installed_at) as occurred_before_install,
        datediff(second, s.first_received_at, s.occurred_at) as received_before_it_happened
    from {{ ref('int_conversion_signals') }} as s
    where s.report_date in {{ days_of_run() }}

),

disorders as (

    select
        conversions.*,
        greatest(installed_before_click, case when event_kind = 'event' then occurred_before_install end, received_before_it_happened) as disorder
    from conversions

)

select
    conversion_id, report_date, app_id, 'F1' as rule_id, seconds_to_install::numeric(20, 8) as value, null::bigint as sample_size,
    'installed ' || seconds_to_install::varchar || ' s after the click' as detail
from conversions
where event_kind = 'install' and seconds_to_install >= 0

union all
select
    conversion_id, report_date, app_id, 'F2', seconds_begun_before_click::numeric(20, 8), null::bigint,
    'clicked ' || seconds_begun_before_click::varchar || ' s after the install had begun'
from conversions
where event_kind = 'install' and seconds_begun_before_click > 0

union all
select
    conversion_id, report_date, app_id, 'F14', (seconds_to_install::numeric(20, 8) / 86400)::numeric(20, 8), null::bigint,
    'installed ' || seconds_to_install::varchar || ' s after the click'
from conversions
where event_kind = 'install' and seconds_to_install >= 0

union all
select
    conversion_id, report_date, app_id, 'F15', disorder::numeric(20, 8), null::bigint,
    disorder::varchar || ' s ' || case disorder
        when installed_before_click then 'from the install to its click'
        when received_before_it_happened then 'received before it happened'
        else 'from the event to its install'
    end
from disorders
where disorder > 0
