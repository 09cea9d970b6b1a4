{{ config(sort='report_date') }}

with postbacks as (

    select p.*
    from {{ ref('fct_postbacks') }} as p
    where {{ within_reach('p.receipt_date') }}
        and p.conversion_id in (
            select conversion_id from {{ ref('fct_postbacks') }} where copy_kind = 'first' and receipt_date in {{ days_of_run() }}
        )

),

horizon as (

    select {{ landed_until() }} as landed_until

),

ranked as (

    select
        postbacks.*,
        copy_kind in ('first', 'verdict_update') as is_verdict,
        row_number() over (
            partition by conversion_id, (copy_kind in ('first', 'verdict_update')) order by received_at desc, postback_id desc
        ) as newest_first
    from postbacks

),

grouped as (

    select
        conversion_id,
        max(received_at) as last_received_at,
        count(*) as postbacks,
        sum(case when copy_kind = 'sender_retry' then 1 else 0 end) as sender_retries,
        sum(case when copy_kind = 'business_repeat' then 1 else 0 end) as business_repeats,
        sum(case when copy_kind = 'verdict_update' then 1 else 0 end) as verdict_updates,
        max(case when is_verdict and newest_first = 1 then verdict end) as mmp_verdict,
        max(case when is_verdict and newest_first = 1 then reject_reason end) as reject_reason,
        bool_or(selected) as is_selected,
        bool_or(forward_outcome = 'withheld' and forward_reason = 'shadow') as is_shadow,
        bool_or(forward_reason like 'Invalid Trans. ID%') as is_unknown_to_tune,
        bool_or(selected and not forward_final and received_at > dateadd(hour, -25, horizon.landed_until)) as is_awaiting_answer
    from ranked
    cross join horizon
    group by conversion_id

),

-- All that was wrong with any of its postbacks, each once.
flags as (

    select conversion_id, listagg(flag, ',') within group (order by flag) as input_flags, bool_or(needs_review) as needs_review
    from (
        select distinct told.conversion_id, flags.flag, flags.needs_review
        from postbacks as told
        join {{ ref('input_flags') }} as flags on ',' || told.input_flags || ',' like '%,' || flags.flag || ',%'
    ) as once
    group by conversion_id

),

-- What TUNE, or we, said last of a postback that was selected; failing one, of one that was not.
answers as (

    select conversion_id, forward_outcome, forward_reason
    from (
        select
            conversion_id, forward_outcome, forward_reason,
            row_number() over (partition by conversion_id order by selected desc, received_at desc, postback_id desc) as nth
        from postbacks
    ) as numbered
    where nth = 1

),

-- When TUNE was last asked about the days of these receipts, and told all that it had.
asked as (

    select d.receipt_date, max(w.observed_at) as asked_at
    from (select distinct receipt_date from postbacks) as d
    join {{ ref('int_tune_windows') }} as w on w.side = 'now' and d.receipt_date between w.window_from and w.window_to
    group by d.receipt_date

)

select
    f.conversion_id,
    f.receipt_date as report_date,
    f.source, f.event_kind, f.event_name, f.click_id, f.offer_id, f.affiliate_id, f.goal_id, f.app_id,
    f.postback_id as first_postback_id,
    f.received_at as first_received_at,
    g.last_received_at,
    g.postbacks, g.sender_retries, g.business_repeats, g.verdict_updates,
    g.mmp_verdict,
    g.mmp_verdict = 'rejected' as is_rejected,
    g.reject_reason,
    f.possible_repeat,
    f.clicked_at, f.installed_at, f.occurred_at,
    coalesce(f.occurred_at, f.received_at) as converted_at,
    f.sale_amount, f.sale_currency,
    i.input_flags,
    coalesce(i.needs_review, false) as has_flagged_money,
    coalesce(g.is_selected, false) as is_selected,
    coalesce(g.is_shadow, false) as is_shadow,
    coalesce(g.is_unknown_to_tune, false) as is_unknown_to_tune,
    coalesce(g.is_awaiting_answer, false) as is_awaiting_answer,
    coalesce(asked.asked_at > f.received_at, false) as tune_was_asked,
    a.forward_outcome,
    a.forward_reason
from postbacks as f
join grouped as g on g.conversion_id = f.conversion_id
join answers as a on a.conversion_id = f.conversion_id
left join asked on asked.receipt_date = f.receipt_date
left join flags as i on i.conversion_id = f.conversion_id
where f.copy_kind = 'first'
    and f.receipt_date in {{ days_of_run() }}
