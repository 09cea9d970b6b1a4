-- depends_on: {{ ref('int_loads_landed') }}
{{ config(incremental_strategy='replace_run') }}

with new_loads as (

    select table_name, dt, hr, load_id from {{ ref('int_run_loads') }} where run_id = {{ run_id() }} and is_new

),

postbacks as (

    select identity_key, postback_id, receipt_date, received_at, click_id, offer_id, goal_id, clicked_at, coalesce(occurred_at, received_at) as occurred_at
    from {{ ref('int_postbacks_landed') }}
    where is_verified and {{ within_window('receipt_date') }}

),

-- What the new loads brought, and what the loads that they replaced had: both lie side by side until the run is finished.
landed as (

    select p.identity_key
    from {{ ref('int_postbacks_landed') }} as p
    join new_loads as n on n.dt = p.dt and n.hr = p.hr and n.table_name = 'postbacks'
    where p.is_verified

),

forwarded as (

    select postbacks.identity_key
    from {{ ref('int_forwards_landed') }} as f
    join new_loads as n on n.dt = f.dt and n.hr = f.hr and n.table_name = 'forwards'
    join postbacks on postbacks.postback_id = f.postback_id

),

-- No longer in flight: without a final answer, and the newest landed hour has now moved 25 hours past the receipt.
horizons as (

    select
        {{ landed_until() }} as now_until,
        {{ landed_until('load_id in ' ~ taken_loads()) }} as before_until

),

overdue as (

    select postbacks.identity_key
    from postbacks
    join horizons
        on postbacks.received_at > dateadd(hour, -25, horizons.before_until)
        and postbacks.received_at <= dateadd(hour, -25, horizons.now_until)
    left join {{ ref('int_forwards_landed') }} as f on f.postback_id = postbacks.postback_id and f.is_final
    where f.postback_id is null

),

-- TUNE was asked about their day for the first time since they were received, whatever it answered.
asked as (

    select
        d.receipt_date,
        max(case when w.side = 'now' then w.observed_at end) as now_at,
        max(case when w.side = 'before' then w.observed_at end) as before_at
    from (select distinct receipt_date from postbacks) as d
    join {{ ref('int_tune_windows') }} as w on d.receipt_date between w.window_from and w.window_to
    group by d.receipt_date

),

newly_asked as (

    select postbacks.identity_key
    from postbacks
    join asked on asked.receipt_date = postbacks.receipt_date
    where postbacks.received_at < asked.now_at and (asked.before_at is null or postbacks.received_at >= asked.before_at)

),

-- Decided by a person since the last finished run began.
decisions as (

    select conversion_id from {{ ref('stg_billing__decisions') }}
    where decided_at >= (
        select coalesce(max(started_at), '1970-01-01'::timestamp) from {{ source('ops', 'runs') }}
        where status = 'finished' and run_id <> {{ run_id() }}
    )

),

-- Versions of offers and goals that were seen anew: what is proven has grown from where it ended, or from their beginning.
proofs as (

    select
        entity, entity_id,
        coalesce(max(case when load_id in {{ taken_loads() }} then last_observed_at end), modified_at) as grown_from
    from {{ ref('int_tune_observations_landed') }}
    group by entity, entity_id, status, modified_at
    having max(case when load_id in (select load_id from new_loads) then 1 else 0 end) = 1

),

observed as (

    select postbacks.identity_key
    from postbacks
    join proofs on proofs.entity = 'offer' and proofs.entity_id = postbacks.offer_id
    where postbacks.occurred_at >= proofs.grown_from or postbacks.clicked_at >= proofs.grown_from

    union all

    select postbacks.identity_key
    from postbacks
    join proofs on proofs.entity = 'goal' and proofs.entity_id = postbacks.goal_id
    where postbacks.occurred_at >= proofs.grown_from or postbacks.clicked_at >= proofs.grown_from

),

touched as (

    select identity_key, 'landed' as reason from landed
    union all
    select identity_key, 'forwarded' from forwarded
    union all
    select identity_key, 'overdue' from overdue
    union all
    select identity_key, 'asked' from newly_asked
    union all
    select identity_key, 'observed' from observed
    union all
    select postbacks.identity_key, 'decided' from postbacks join decisions on decisions.conversion_id = postbacks.identity_key
    union all
    select postbacks.identity_key, 'decided' from postbacks join decisions on decisions.conversion_id = postbacks.postback_id
    union all
    select postbacks.identity_key, 'tune'
    from postbacks join {{ ref('int_touched_tune_rows') }} as t on t.postback_id = postbacks.postback_id
    where t.run_id = {{ run_id() }}

)

select {{ run_id() }}::varchar(250) as run_id, identity_key, min(reason)::varchar(16) as reason
from touched
group by identity_key
