{{ config(sort='report_date') }}

-- The truth table of billing: the first line that fits.
with reasons as (

    select
        conversion_id,
        report_date,
        decision,
        case
            when is_rejected then 'mmp_rejected'
            when decision is not null then 'decided'
            when is_unknown_to_tune and not has_tune_row then 'tune_invalid_transaction'
            when is_tune_test then 'tune_test'
            when severities = 'deterministic' then 'deterministic_fraud'
            when is_rejected_by_report then 'mmp_report_rejected'
            when tune_status = 'rejected' then 'tune_rejected'
            when tune_status = 'pending' then 'tune_pending'
            when is_awaiting_answer and not has_tune_row then 'in_flight'
            when not tune_was_asked and not has_tune_row then 'tune_unknown'
            when not has_price then 'no_price'
            when not has_parties then 'party_unknown'
            when not has_click then 'click_unresolved'
            when has_flagged_money then 'flagged_input'
            when severities = 'heuristic' then 'heuristic_fraud'
            when paused_at_conversion = 'yes' then 'paused'
            when paused_at_conversion = 'unknown' then 'paused_unknown'
            when possible_repeat then 'possible_repeat'
            else 'billable'
        end as billing_reason
    from {{ ref('int_billing_facts') }}
    where report_date in {{ days_of_run() }}

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
