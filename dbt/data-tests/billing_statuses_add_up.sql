-- Billable, in review and not billable together are all conversions of the run's days.
{{ config(tags=['run']) }}

select *
from (
    select
        count(*) as conversions,
        coalesce(sum(case when billing_status = 'billable' then 1 else 0 end), 0) as billable,
        coalesce(sum(case when billing_status = 'review' then 1 else 0 end), 0) as review,
        coalesce(sum(case when billing_status = 'not_billable' then 1 else 0 end), 0) as not_billable
    from {{ ref('fct_conversions') }}
    where report_date in {{ days_of_run() }}
) as sums
where conversions <> billable + review + not_billable
