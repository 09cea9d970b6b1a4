{{ config(sort='report_date') }}

with conversions as (

    select
        c.conversion_id, c.report_date, c.click_id, c.event_name, c.currency, c.payout, c.revenue, c.billing_reason,
        p.offer_id, p.goal_id, p.advertiser_id, p.affiliate_id,
        coalesce(p.tune_payout_type, prices.payout_type) as payout_type,
        coalesce(p.tune_revenue_type, prices.revenue_type) as revenue_type
    from {{ ref('fct_conversions') }} as c
    join {{ ref('int_conversion_parties') }} as p on p.conversion_id = c.conversion_id and p.report_date = c.report_date
    left join {{ ref('int_conversion_prices') }} as prices on prices.conversion_id = c.conversion_id and prices.report_date = c.report_date
    where c.report_date in {{ days_of_run() }}
        and c.billing_status = 'billable'

),

-- The advertiser pays the revenue, the affiliate is paid the payout.
parties as (

    select conversions.*, 'advertiser' as party_type, advertiser_id as party_id, revenue_type as price_type, revenue as amount from conversions
    union all
    select conversions.*, 'affiliate', affiliate_id, payout_type, payout from conversions

)

select
    md5(conversion_id || '|' || party_type)::varchar(64) as item_id,
    strtol(left(md5(conversion_id || '|' || party_type), 8), 16)::bigint as checksum,
    conversion_id::varchar(64) as conversion_id,
    report_date::date as report_date,
    to_char(report_date, 'YYYY-MM')::varchar(7) as period,
    party_type::varchar(16) as party_type,
    party_id::varchar(64) as party_id,
    coalesce(offer_id, '')::varchar(64) as offer_id,
    coalesce(goal_id, '')::varchar(64) as goal_id,
    coalesce(price_type, '')::varchar(32) as payout_type,
    currency::varchar(3) as currency,
    amount::numeric(18, 6) as amount,
    click_id::varchar(256) as click_id,
    event_name::varchar(256) as event_name,
    billing_reason::varchar(32) as billing_reason,
    {{ run_id() }}::varchar(250) as run_id
from parties
