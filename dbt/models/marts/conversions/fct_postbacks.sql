{{ config(meta={'day_column': 'receipt_date'}, sort='receipt_date') }}

with lines as (

    select p.*
    from {{ ref('int_postbacks_landed') }} as p
    where p.is_verified
        and {{ within_reach('p.receipt_date') }}
        and p.load_id in {{ loads_in_force('postbacks') }}

),

-- All postbacks of every identity that has one on the run's days; the lines of each in the order in which they were delivered.
numbered_lines as (

    select
        lines.*,
        case when is_mmp_rejected then 'rejected' else 'accepted' end as verdict,
        max(case when receipt_date in {{ days_of_run() }} then 1 else 0 end) over (partition by identity_key) = 1 as is_related,
        row_number() over (partition by postback_id order by archived_at, receive_count, message_id, dt, hr, load_id) as nth_line,
        dense_rank() over (partition by postback_id order by archived_at, receive_count, message_id) as nth_delivery
    from lines

),

postbacks as (

    select *
    from (
        select numbered_lines.*, max(nth_delivery) over (partition by postback_id) as deliveries
        from numbered_lines
        where is_related
    ) as counted
    where nth_line = 1

),

-- A copy says what an earlier one has said, word for word. Without an identity only a quick repeat is held for one.
copies as (

    select
        postbacks.*,
        row_number() over (partition by postbacks.identity_key, postbacks.fingerprint order by received_at, postback_id) > 1
        and (
            has_identity
            or received_at <= dateadd(minute, coalesce(sources.retry_window_minutes, 0)::int, lag(received_at) over (
                partition by postbacks.identity_key, postbacks.fingerprint order by received_at, postback_id))
        ) as is_copy
    from postbacks
    left join {{ ref('sources') }} as sources on sources.source = postbacks.source

),

-- Where no identity is known, each repeat that is no copy begins a conversion of its own.
numbered as (

    select
        copies.*,
        case when has_identity then 1 else
            sum(case when is_copy then 0 else 1 end) over (
                partition by identity_key order by received_at, postback_id rows between unbounded preceding and current row)
        end as conversion_number
    from copies

),

conversions as (

    select
        numbered.*,
        case
            when has_identity then identity_key
            else first_value(postback_id) over (
                partition by identity_key, conversion_number order by received_at, postback_id
                rows between unbounded preceding and unbounded following)
        end as conversion_id,
        lag(verdict) over (partition by identity_key, conversion_number, is_copy order by received_at, postback_id) as verdict_before
    from numbered

),

attempts as (

    select distinct f.postback_id, f.attempt_id, f.attempt, f.attempted_at, f.outcome, f.reason, f.is_final, f.replay_id
    from {{ ref('int_forwards_landed') }} as f
    where f.dt between {{ first_day_read() }} and {{ last_day_read() }}
        and f.load_id in {{ loads_in_force('forwards') }}

),

forwards as (

    select
        postback_id,
        max(case when newest_first = 1 then outcome end) as forward_outcome,
        max(case when newest_first = 1 then reason end) as forward_reason,
        bool_or(newest_first = 1 and is_final) as forward_final,
        sum(case when outcome = 'withheld' then 0 else 1 end) as attempts,
        bool_or(replay_id is not null) as is_replayed,
        bool_or(newest_first > 1 and outcome in ('accepted', 'unknown')) as may_have_arrived
    from (
        select
            attempts.*,
            row_number() over (partition by postback_id order by attempted_at desc, attempt desc, attempt_id desc) as newest_first
        from attempts
    ) as ranked
    group by postback_id

)

select
    c.postback_id::varchar(36) as postback_id,
    c.receipt_date::date as receipt_date,
    c.received_at::timestamp as received_at,
    c.source::varchar(64) as source,
    c.event_kind::varchar(16) as event_kind,
    c.event_name::varchar(256) as event_name,
    c.conversion_id::varchar(64) as conversion_id,
    case
        when c.is_copy then 'sender_retry'
        when c.verdict_before is null then 'first'
        when c.verdict_before <> c.verdict then 'verdict_update'
        else 'business_repeat'
    end::varchar(16) as copy_kind,
    c.deliveries::int as deliveries,
    case
        when c.is_copy or c.verdict_before = c.verdict then 'sender'
        when c.deliveries > 1 then 'queue'
        when f.attempts > 1 or f.is_replayed then 'us'
        else 'none'
    end::varchar(8) as repeated_by,
    c.verdict::varchar(16) as verdict,
    c.reject_reason::varchar(256) as reject_reason,
    coalesce(f.forward_outcome <> 'withheld', not c.is_mmp_rejected)::boolean as selected,
    f.forward_outcome::varchar(16) as forward_outcome,
    f.forward_reason::varchar(512) as forward_reason,
    coalesce(f.forward_final, false)::boolean as forward_final,
    coalesce(f.attempts, 0)::int as attempts,
    coalesce(f.forward_outcome = 'duplicate' and f.may_have_arrived, false)::boolean as is_own_duplicate,
    (not c.has_identity and c.conversion_number > 1)::boolean as possible_repeat,
    c.click_id::varchar(256) as click_id,
    c.offer_id::varchar(256) as offer_id,
    c.affiliate_id::varchar(256) as affiliate_id,
    c.goal_id::varchar(256) as goal_id,
    c.app_id::varchar(256) as app_id,
    c.clicked_at::timestamp as clicked_at,
    c.installed_at::timestamp as installed_at,
    c.occurred_at::timestamp as occurred_at,
    c.sale_amount::numeric(18, 6) as sale_amount,
    c.sale_currency::varchar(3) as sale_currency,
    c.input_flags::varchar(512) as input_flags,
    c.dt::date as dt,
    c.hr::smallint as hr,
    {{ run_id() }}::varchar(250) as run_id,
    c.load_id::varchar(36) as load_id,
    c.loaded_at::timestamp as loaded_at
from conversions as c
left join forwards as f on f.postback_id = c.postback_id
where c.receipt_date in {{ days_of_run() }}
