{{ config(sort='report_date') }}

with facts as (

    select
        c.conversion_id,
        c.report_date,
        c.is_rejected,
        d.decision,
        t.tune_conversion_id is not null as has_tune_row,
        t.status as tune_status,
        coalesce(code.is_test, false) as is_tune_test,
        c.is_unknown_to_tune,
        c.is_awaiting_answer,
        coalesce(t.payout, p.payout) is not null and coalesce(t.revenue, p.revenue) is not null as has_price,
        c.click_id is not null as has_click,
        f.severities,
        s.paused_at_conversion,
        c.possible_repeat,
        c.has_flagged_money
    from {{ ref('int_conversions') }} as c
    left join {{ ref('int_tune_matches') }} as t
        on t.conversion_id = c.conversion_id and t.report_date = c.report_date and t.is_deciding
    left join {{ ref('tune_status_codes') }} as code on code.status_code::varchar = t.status_code
    left join {{ ref('int_conversion_prices') }} as p on p.conversion_id = c.conversion_id and p.report_date = c.report_date
    left join {{ ref('int_conversion_statuses') }} as s on s.conversion_id = c.conversion_id and s.report_date = c.report_date
    left join (
        select conversion_id, report_date, min(severity) as severities -- deterministic sorts before heuristic
        from {{ ref('int_conversion_flags') }}
        group by conversion_id, report_date
    ) as f on f.conversion_id = c.conversion_id and f.report_date = c.report_date
    left join {{ ref('stg_billing__decisions') }} as d on d.conversion_id = c.conversion_id
    where c.report_date in {{ days_of_run() }}

),

-- The first line that fits.
reasons as (

    select
        facts.*,
        case
            when is_rejected then 'mmp_rejected'
            when decision is not null then 'decided'
            when is_unknown_to_tune and not has_tune_row then 'tune_invalid_transaction'
            when is_tune_test then 'tune_test'
            when severities = 'deterministic' then 'deterministic_fraud'
            when tune_status = 'rejected' then 'tune_rejected'
            when tune_status = 'pending' then 'tune_pending'
            when is_awaiting_answer and not has_tune_row then 'in_flight'
            when not has_price then 'no_price'
            when not has_click then 'click_unresolved'
            when has_flagged_money then 'flagged_input'
            when severities = 'heuristic' then 'heuristic_fraud'
            when paused_at_conversion = 'yes' then 'paused'
            when paused_at_conversion = 'unknown' then 'paused_unknown'
            when possible_repeat then 'possible_repeat'
            else 'billable'
        end as billing_reason
    from facts

)

select
    conversion_id,
    report_date,
    case
        when billing_reason = 'decided' then decision
        when billing_reason in ('mmp_rejected', 'tune_invalid_transaction', 'tune_test', 'deterministic_fraud') then 'not_billable'
        when billing_reason = 'billable' then 'billable'
        else 'review'
    end::varchar(16) as billing_status,
    billing_reason::varchar(32) as billing_reason
from reasons
