-- Every first postback of the run's days makes one conversion of that day, and no conversion is without.
{{ config(tags=['run']) }}

select coalesce(firsts.conversion_id, conversions.conversion_id) as conversion_id
from (
    select conversion_id, receipt_date from {{ ref('fct_postbacks') }}
    where copy_kind = 'first' and receipt_date in {{ days_of_run() }}
) as firsts
full outer join (
    select conversion_id, report_date from {{ ref('fct_conversions') }} where report_date in {{ days_of_run() }}
) as conversions
    on conversions.conversion_id = firsts.conversion_id and conversions.report_date = firsts.receipt_date
where firsts.conversion_id is null or conversions.conversion_id is null
