{{ config(sort='report_date') }}

with conversions as (

    select conversion_id, report_date, clicked_at, converted_at, goal_id, offer_id
    from {{ ref('int_conversions') }}
    where report_date in {{ days_of_run() }}

),

goals as (

    select entity_id as goal_id, max(offer_id) as offer_id from {{ ref('int_status_intervals') }} where entity = 'goal' group by entity_id

),

-- A conversion of a goal is paused with its goal and with its offer.
entities as (

    select conversions.conversion_id, conversions.report_date, clicked_at, converted_at, 'offer' as entity,
        coalesce(conversions.offer_id, goals.offer_id) as entity_id
    from conversions
    left join goals on goals.goal_id = conversions.goal_id

    union all

    select conversion_id, report_date, clicked_at, converted_at, 'goal', goal_id
    from conversions
    where goal_id is not null

),

moments as (

    select conversion_id, report_date, 'click' as moment, entity, entity_id, clicked_at as at from entities
    union all
    select conversion_id, report_date, 'conversion', entity, entity_id, converted_at from entities

),

-- Of overlapping proofs the later change holds.
proven as (

    select
        m.conversion_id, m.report_date, m.moment, m.entity, s.is_active,
        row_number() over (
            partition by m.conversion_id, m.moment, m.entity order by s.proven_from desc, s.proven_to desc, s.status
        ) as nth
    from moments as m
    left join {{ ref('int_status_intervals') }} as s
        on s.entity = m.entity and s.entity_id = m.entity_id and m.at between s.proven_from and s.proven_to

),

judged as (

    select
        conversion_id, report_date, moment,
        case when bool_or(not is_active) then 'yes' when count(is_active) = count(*) then 'no' else 'unknown' end as paused
    from proven
    where nth = 1
    group by conversion_id, report_date, moment

)

select
    conversion_id,
    report_date,
    max(case when moment = 'click' then paused end)::varchar(8) as paused_at_click,
    max(case when moment = 'conversion' then paused end)::varchar(8) as paused_at_conversion
from judged
group by conversion_id, report_date
