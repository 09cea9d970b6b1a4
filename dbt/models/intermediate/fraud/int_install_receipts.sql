{{ config(materialized='ephemeral') }}

-- Straight from what landed, so that what a rule sees of an earlier day does not depend on when that day was built.
select *
from (
    select
        p.receipt_date, p.identity_key, p.postback_id, p.received_at, p.app_id, p.clicked_at, p.installed_at,
        {{ site_of('p') }} as site,
        {{ device_of('p.advertising_id') }} as device,
        row_number() over (
            partition by p.receipt_date, p.identity_key order by p.received_at, p.postback_id, p.archived_at, p.receive_count, p.message_id, p.dt, p.hr
        ) as nth_line
    from {{ ref('int_postbacks_landed') }} as p
    where p.is_verified
        and p.event_kind = 'install'
        and p.receipt_date between {{ first_day_looked_at() }} and {{ last_day_looked_at() }}
        and p.load_id in {{ loads_in_force('postbacks') }}
) as numbered
where nth_line = 1
