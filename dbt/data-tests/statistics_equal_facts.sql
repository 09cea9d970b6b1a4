-- Statistics add up to the conversions and to the reconciliation, in numbers and in money.
{{ config(tags=['run']) }}

with statistics as (

    select
        sum(conversions) as conversions, sum(billable) as billable, sum(tune_rows) as tune_rows,
        sum(billable_revenue) as billable_revenue, sum(revenue_at_risk) as revenue_at_risk, sum(payout_at_risk) as payout_at_risk
    from {{ ref('fct_daily_statistics') }}
    where report_date in {{ days_of_run() }}

),

conversions as (

    select
        count(*) as conversions,
        sum(case when billing_status = 'billable' then 1 else 0 end) as billable,
        sum(case when billing_status = 'billable' then revenue else 0 end) as billable_revenue
    from {{ ref('fct_conversions') }}
    where report_date in {{ days_of_run() }}

),

reconciled as (

    select count(tune_conversion_id) as tune_rows, sum(revenue_at_risk) as revenue_at_risk, sum(payout_at_risk) as payout_at_risk
    from {{ ref('fct_tune_reconciliation') }}
    where report_date in {{ days_of_run() }}

)

select s.*
from statistics as s
cross join conversions as c
cross join reconciled as r
where coalesce(s.conversions, 0) <> c.conversions
    or coalesce(s.billable, 0) <> coalesce(c.billable, 0)
    or coalesce(s.billable_revenue, 0) <> coalesce(c.billable_revenue, 0)
    or coalesce(s.tune_rows, 0) <> r.tune_rows
    or coalesce(s.revenue_at_risk, 0) <> coalesce(r.revenue_at_risk, 0)
    or coalesce(s.payout_at_risk, 0) <> coalesce(r.payout_at_risk, 0)
