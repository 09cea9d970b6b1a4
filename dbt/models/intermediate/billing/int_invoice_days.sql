{{ config(sort='report_date') }}

-- Invoice lines are sums over months: they are made of days, so that no run and no reader adds up all conversions of a month.
select
    report_date, period, party_type, party_id, offer_id, goal_id, payout_type, currency,
    count(*) as conversions,
    sum(amount)::numeric(18, 6) as amount,
    sum(checksum)::bigint as checksum,
    min(amount)::numeric(18, 6) as lowest_rate,
    max(amount)::numeric(18, 6) as highest_rate
from {{ ref('fct_invoice_items') }}
where report_date in {{ days_of_run() }}
group by report_date, period, party_type, party_id, offer_id, goal_id, payout_type, currency
