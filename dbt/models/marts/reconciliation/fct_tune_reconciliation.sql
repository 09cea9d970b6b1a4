{{ config(sort='report_date') }}

with tune as (

    select m.*, code.meaning as status_meaning, code.next_action as status_action, m.is_adjustment or coalesce(code.is_adjustment, false) as is_by_hand
    from {{ ref('int_tune_matches') }} as m
    left join {{ ref('tune_status_codes') }} as code on code.status_code::varchar = m.status_code
    where m.report_date in {{ days_of_run() }} and m.is_deciding

),

ours as (

    select
        c.conversion_id, c.report_date, c.source, c.app_id, c.event_kind, c.converted_at, c.is_selected, c.is_shadow, c.is_unknown_to_tune, c.is_awaiting_answer, c.tune_was_asked, c.click_id,
        c.forward_outcome, c.forward_reason, f.is_rejected, f.reject_reason, f.paused_at_conversion, f.revenue, f.currency,
        p.payout as our_payout, p.revenue as our_revenue,
        parties.offer_id, parties.goal_id, parties.advertiser_id, parties.affiliate_id
    from {{ ref('int_conversions') }} as c
    join {{ ref('fct_conversions') }} as f on f.conversion_id = c.conversion_id and f.report_date = c.report_date
    left join {{ ref('int_conversion_parties') }} as parties on parties.conversion_id = c.conversion_id and parties.report_date = c.report_date
    left join {{ ref('int_conversion_prices') }} as p on p.conversion_id = c.conversion_id and p.report_date = c.report_date
    where c.report_date in {{ days_of_run() }}

),

-- The MMP's own reports: what they tell of, and whether one covers a conversion and so should tell of it.
mmp as (

    select * from {{ ref('int_mmp_matches') }} where report_date in {{ days_of_run() }}

),

covered as (

    select distinct ours.conversion_id
    from ours
    join {{ ref('int_mmp_report_windows') }} as w
        on w.source = ours.source and w.event_kind = ours.event_kind and w.app_id = coalesce(ours.app_id, '') and not w.is_blocked
        and ours.converted_at >= w.begins_at and ours.converted_at < w.ends_at

),

-- Every conversion with the row that decides for it, and every row that no conversion has.
both_sides as (

    select
        coalesce(ours.conversion_id, 'tune:' || tune.tune_conversion_id) as reconciliation_id,
        coalesce(ours.report_date, tune.report_date) as report_date,
        ours.conversion_id, tune.tune_conversion_id, ours.source,
        coalesce(ours.offer_id, tune.offer_id) as offer_id, coalesce(ours.goal_id, tune.goal_id) as goal_id,
        coalesce(ours.advertiser_id, tune.advertiser_id) as advertiser_id, coalesce(ours.affiliate_id, tune.affiliate_id) as affiliate_id,
        ours.is_rejected, ours.reject_reason, ours.is_selected, ours.is_shadow, ours.is_unknown_to_tune, ours.is_awaiting_answer, ours.tune_was_asked,
        ours.click_id, ours.forward_outcome, ours.forward_reason, ours.paused_at_conversion,
        ours.our_payout, ours.our_revenue, ours.revenue, coalesce(tune.currency, ours.currency) as currency,
        tune.is_by_hand, tune.status, tune.status_code, tune.status_meaning, tune.status_action,
        tune.payout as tune_payout, tune.revenue as tune_revenue,
        tune.postback_id as tune_postback_id, tune.input_flags as tune_flags, tune.tune_copies, tune.is_approximate, tune.tune_date
    from ours
    full outer join tune on tune.conversion_id = ours.conversion_id

),

-- And every line of a report that neither has.
three_sides as (

    select
        coalesce(b.reconciliation_id, 'mmp:' || mmp.mmp_row_id) as reconciliation_id,
        coalesce(b.report_date, mmp.report_date) as report_date,
        b.conversion_id, b.tune_conversion_id, coalesce(b.source, mmp.source) as source, b.offer_id, b.goal_id, b.advertiser_id, b.affiliate_id,
        b.is_rejected or coalesce(mmp.is_rejected, false) as is_rejected,
        coalesce(b.reject_reason, mmp.reject_reason) as reject_reason,
        b.is_selected, b.is_shadow, b.is_unknown_to_tune, b.is_awaiting_answer, b.tune_was_asked, coalesce(b.click_id, mmp.click_id) as click_id,
        b.forward_outcome, b.forward_reason, b.paused_at_conversion, b.our_payout, b.our_revenue, b.revenue, b.currency, b.is_by_hand,
        b.status, b.status_code, b.status_meaning, b.status_action, b.tune_payout, b.tune_revenue, b.tune_postback_id, b.tune_flags, b.tune_copies,
        b.is_approximate, b.tune_date,
        mmp.mmp_row_id, mmp.report as mmp_report, mmp.is_rejected as is_blocked, mmp.revenue as mmp_sale, mmp.currency as mmp_currency,
        case
            when mmp.mmp_row_id is not null then 'yes'
            when covered.conversion_id is not null then 'no'
            else 'not loaded'
        end as in_mmp_report
    from both_sides as b
    full outer join mmp on coalesce(mmp.conversion_id, 'tune:' || mmp.tune_conversion_id) = b.reconciliation_id
    left join covered on covered.conversion_id = b.conversion_id

),

-- The first line that fits.
classed as (

    select
        three_sides.*,
        case
            when is_by_hand then 'manual_adjustment'
            when conversion_id is null and tune_conversion_id is null then 'breakage_inbound'
            when conversion_id is null then 'bypass'
            when is_rejected and coalesce(status, '') <> 'approved' then 'expected_fraud'
            when is_rejected then 'post_approval_fraud'
            when status = 'rejected' then 'tune_rejected'
            when status = 'pending' then 'tune_pending'
            when status = 'approved' and in_mmp_report = 'no' then 'not_in_mmp_report'
            when status = 'approved' then 'matched'
            when is_awaiting_answer then 'in_flight'
            when is_shadow then 'shadow'
            when is_unknown_to_tune or click_id is null then 'unknown_click'
            when not tune_was_asked then 'tune_unknown'
            else 'breakage_forward'
        end as class
    from three_sides

),

explained as (

    select
        classed.*,
        case class
            when 'manual_adjustment' then 'entered by hand'
            when 'breakage_inbound' then
                case
                    when is_blocked then 'blocked by the MMP, which told us nothing'
                    when click_id is null then 'the report names no click'
                    else 'the MMP counts it, and no postback of it has come'
                end
            when 'not_in_mmp_report' then 'the report covers its time and app and does not have it'
            when 'bypass' then case when tune_postback_id is null then 'TUNE was called without us' else 'its postback has not landed' end
            when 'expected_fraud' then coalesce(reject_reason, 'rejected by the MMP') || case when in_mmp_report = 'yes' and is_blocked then ' (by its report)' else '' end
            when 'post_approval_fraud' then coalesce(reject_reason, 'rejected by the MMP') || case when in_mmp_report = 'yes' and is_blocked then ' (by its report)' else '' end
            when 'tune_rejected' then coalesce(status_meaning, 'status code ' || status_code)
            when 'tune_pending' then coalesce(status_meaning, 'status code ' || status_code)
            when 'matched' then coalesce(status_meaning, 'approved')
            when 'in_flight' then coalesce('last answer: ' || forward_outcome, 'not sent yet')
            when 'shadow' then 'withheld while the MMP calls TUNE itself'
            when 'unknown_click' then coalesce(forward_reason, 'the postback names no click')
            when 'tune_unknown' then 'no complete answer of TUNE about its day is newer than its receipt'
            when 'breakage_forward' then
                case when paused_at_conversion = 'yes' then 'paused; ' else '' end
                || case when forward_outcome = 'withheld' then 'withheld' else coalesce('TUNE said ' || forward_outcome, 'never sent') end || coalesce(': ' || forward_reason, '')
        end as reason
    from classed

)

select
    reconciliation_id::varchar(80) as reconciliation_id,
    report_date::date as report_date,
    conversion_id::varchar(64) as conversion_id,
    tune_conversion_id::varchar(64) as tune_conversion_id,
    source::varchar(64) as source,
    offer_id::varchar(64) as offer_id,
    goal_id::varchar(64) as goal_id,
    advertiser_id::varchar(64) as advertiser_id,
    affiliate_id::varchar(64) as affiliate_id,
    explained.class::varchar(32) as class,
    reason::varchar(600) as reason,
    -- TUNE's code says more than the class; a paused campaign can be resumed, which is more than to replay.
    case
        when explained.class in ('tune_rejected', 'tune_pending') and status_action <> '' then status_action
        when explained.class = 'breakage_forward' and paused_at_conversion = 'yes' then 'resume the campaign, then replay it; else book it in TUNE by hand'
        else c.next_action
    end::varchar(256) as next_action,
    status::varchar(16) as tune_status,
    status_code::varchar(8) as tune_status_code,
    our_payout::numeric(18, 6) as our_payout,
    our_revenue::numeric(18, 6) as our_revenue,
    tune_payout::numeric(18, 6) as tune_payout,
    tune_revenue::numeric(18, 6) as tune_revenue,
    case
        -- What TUNE was not asked about is not at risk yet.
        when explained.class = 'tune_unknown' then 0
        when conversion_id is not null and (coalesce(status, '') <> 'approved' or explained.class = 'not_in_mmp_report') then coalesce(revenue, 0)
        else 0
    end::numeric(18, 6) as revenue_at_risk,
    case when explained.class in ('post_approval_fraud', 'bypass') and status = 'approved' then coalesce(tune_payout, 0) else 0 end::numeric(18, 6)
        as payout_at_risk,
    currency::varchar(3) as currency,
    tune_flags::varchar(128) as tune_flags,
    mmp_row_id::varchar(64) as mmp_row_id,
    in_mmp_report::varchar(16) as in_mmp_report,
    mmp_report::varchar(64) as mmp_report,
    mmp_sale::numeric(18, 6) as mmp_sale,
    mmp_currency::varchar(3) as mmp_sale_currency,
    coalesce(tune_copies, 0)::int as tune_copies,
    coalesce(is_approximate, false)::boolean as approximate,
    coalesce(tune_date <> report_date, false)::boolean as day_shifted,
    {{ run_id() }}::varchar(250) as run_id
from explained
left join {{ ref('reconciliation_classes') }} as c on c.class = explained.class
