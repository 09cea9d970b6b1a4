{{ config(materialized='ephemeral') }}

with installs as (

    select
        s.*,
        count(*) over (partition by s.report_date, s.install_block, date_trunc('hour', s.first_received_at)) as installs_in_block
    from {{ ref('int_conversion_signals') }} as s
    where s.report_date in {{ days_of_run() }} and s.event_kind = 'install'

),

clicks as (

    select c.* from {{ ref('int_tune_clicks') }} as c where c.click_date between {{ first_day_looked_at() }} and {{ last_day_looked_at() }}

),

blocks as (

    select click_date, ip_block, date_trunc('hour', clicked_at) as hour_of_click, count(*) as clicks
    from clicks
    where ip_block in (select click_block from installs)
    group by click_date, ip_block, date_trunc('hour', clicked_at)

),

devices as (

    select
        i.conversion_id,
        sum(case when c.offer_id = i.offer_id then 1 else 0 end) as clicks_on_offer,
        count(distinct case when c.clicked_at > dateadd(hour, -24, i.installed_at) then c.ip end) as addresses
    from installs as i
    join clicks as c
        on c.device = i.device
        and c.click_date between dateadd(day, -{{ fraud_look_back() }}, i.report_date)::date and i.report_date
        and c.clicked_at <= i.installed_at
        and c.clicked_at > dateadd(day, -7, i.installed_at)
    group by i.conversion_id

),

earlier as (

    select i.conversion_id, count(distinct e.identity_key) as installs
    from installs as i
    join {{ ref('int_install_receipts') }} as e
        on e.device = i.device
        and e.app_id = i.app_id
        and e.identity_key <> i.conversion_id
        and e.received_at < i.first_received_at
        and e.receipt_date between dateadd(day, -6, i.report_date)::date and i.report_date
    group by i.conversion_id

)

select
    i.conversion_id, i.report_date, i.app_id, 'F6' as rule_id, b.clicks::numeric(20, 8) as value, null::bigint as sample_size,
    b.clicks::varchar || ' clicks from its block of addresses in one hour' as detail
from installs as i
join blocks as b
    on b.click_date = i.tune_click_date and b.ip_block = i.click_block and b.hour_of_click = date_trunc('hour', i.tune_clicked_at)

union all
select
    i.conversion_id, i.report_date, i.app_id, 'F6b', i.installs_in_block::numeric(20, 8), null::bigint,
    i.installs_in_block::varchar || ' installs from its block of addresses in one hour'
from installs as i
where i.install_block is not null

union all
select
    i.conversion_id, i.report_date, i.app_id, 'F7', d.addresses::numeric(20, 8), null::bigint,
    'its device clicked from ' || d.addresses::varchar || ' addresses in 24 h'
from installs as i
join devices as d on d.conversion_id = i.conversion_id

union all
select
    i.conversion_id, i.report_date, i.app_id, 'F7b', e.installs::numeric(20, 8), null::bigint,
    'its device had installed the app ' || e.installs::varchar || ' times before in 7 days'
from installs as i
join earlier as e on e.conversion_id = i.conversion_id

union all
-- Zeros are no device, but a person's refusal to be one: no sign of fraud.
select
    i.conversion_id, i.report_date, i.app_id, 'F12',
    case when {{ device_of('i.advertising_id') }} is null and i.advertising_id !~ '^[0-]*$' then 1 else 0 end::numeric(20, 8), null::bigint,
    'its advertising id is no UUID'
from installs as i
where i.advertising_id is not null

union all
select
    i.conversion_id, i.report_date, i.app_id, 'F13', d.clicks_on_offer::numeric(20, 8), null::bigint,
    'its device clicked ' || d.clicks_on_offer::varchar || ' times on the offer in 7 days'
from installs as i
join devices as d on d.conversion_id = i.conversion_id
