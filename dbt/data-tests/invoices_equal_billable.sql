-- Each billable conversion of the run's days is invoiced to its advertiser and credited to its affiliate, once each, and the days of
-- invoices add up to that.
{{ config(tags=['run'], group='billing') }}

with billable as (

    select count(*) as conversions, sum(revenue) as revenue, sum(payout) as payout
    from {{ ref('fct_conversions') }}
    where billing_status = 'billable' and report_date in {{ days_of_run() }}

),

invoiced as (

    select
        sum(case when party_type = 'advertiser' then conversions end) as advertiser_conversions,
        sum(case when party_type = 'affiliate' then conversions end) as affiliate_conversions,
        sum(case when party_type = 'advertiser' then amount end) as revenue,
        sum(case when party_type = 'affiliate' then amount end) as payout
    from {{ ref('int_invoice_days') }}
    where report_date in {{ days_of_run() }}

)

select *
from billable
cross join invoiced
where billable.conversions <> coalesce(invoiced.advertiser_conversions, 0)
    or billable.conversions <> coalesce(invoiced.affiliate_conversions, 0)
    or coalesce(billable.revenue, 0) <> coalesce(invoiced.revenue, 0)
    or coalesce(billable.payout, 0) <> coalesce(invoiced.payout, 0)
