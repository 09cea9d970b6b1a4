-- Per source, in thousandths of its conversions: what TUNE said it took, was asked about since, and does not have, although it is proven that the
-- campaign was not paused. Half a percent warns. Two percent are no discrepancy but a fault, such as a wrong URL template, and stop the run before
-- its numbers are called final. Below 200 conversions a share says nothing.
{{ config(tags=['run'], fail_calc='coalesce(max(thousandths), 0)', warn_if='>5', error_if='>20') }}

with counted as (

    select
        r.source,
        count(*) as conversions,
        sum(
            case when r.class = 'breakage_forward' and f.paused_at_conversion = 'no' and c.forward_outcome = 'accepted' then 1 else 0 end
        ) as unexplained
    from {{ ref('fct_tune_reconciliation') }} as r
    join {{ ref('fct_conversions') }} as f on f.conversion_id = r.conversion_id and f.report_date = r.report_date
    join {{ ref('int_conversions') }} as c on c.conversion_id = r.conversion_id and c.report_date = r.report_date
    where r.report_date in {{ days_of_run() }}
    group by r.source

)

select source, unexplained, conversions, (1000 * unexplained / conversions)::int as thousandths
from counted
where conversions >= 200 and unexplained > 0
