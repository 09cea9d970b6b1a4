-- Days of the run about which TUNE was not asked after all of it was received: their classes are not final. Fetch, load and run them again.
{{ config(severity='warn', tags=['run']) }}

select report_date, count(*) as conversions
from {{ ref('fct_tune_reconciliation') }}
where class = 'tune_unknown' and report_date in {{ days_of_run() }}
group by report_date
