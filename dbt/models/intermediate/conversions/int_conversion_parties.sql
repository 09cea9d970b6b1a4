{{ config(sort='report_date') }}

with conversions as (

    select
        c.conversion_id, c.report_date, c.converted_at,
        t.tune_conversion_id is not null as has_tune_row,
        t.offer_id as tune_offer_id, t.goal_id as tune_goal_id, t.advertiser_id as tune_advertiser_id, t.affiliate_id as tune_affiliate_id,
        t.payout_type as tune_payout_type, t.revenue_type as tune_revenue_type,
        c.offer_id, c.goal_id, c.affiliate_id
    from {{ ref('int_conversions') }} as c
    left join {{ ref('int_tune_matches') }} as t
        on t.conversion_id = c.conversion_id and t.report_date = c.report_date and t.is_deciding
    where c.report_date in {{ days_of_run() }}

),

goals as (

    select entity_id as goal_id, max(offer_id) as offer_id from {{ ref('int_status_intervals') }} where entity = 'goal' group by entity_id

),

-- TUNE's row says which offer and goal it was; without one the postback does, and its goal belongs to one offer.
resolved as (

    select
        conversions.*,
        coalesce(tune_offer_id, conversions.offer_id, goals.offer_id) as resolved_offer_id,
        case when has_tune_row then tune_goal_id else conversions.goal_id end as resolved_goal_id
    from conversions
    left join goals on goals.goal_id = conversions.goal_id

),

-- The offer as it was then: the newest change up to the conversion.
versions as (

    select
        resolved.conversion_id, v.advertiser_id,
        row_number() over (
            partition by resolved.conversion_id order by v.proven_from desc, v.proven_to desc, v.status, v.advertiser_id
        ) as nth
    from resolved
    join {{ ref('int_status_intervals') }} as v
        on v.entity = 'offer' and v.entity_id = resolved.resolved_offer_id and v.proven_from <= resolved.converted_at

)

select
    r.conversion_id,
    r.report_date,
    r.resolved_offer_id::varchar(64) as offer_id,
    r.resolved_goal_id::varchar(64) as goal_id,
    coalesce(r.tune_advertiser_id, v.advertiser_id)::varchar(64) as advertiser_id,
    coalesce(r.tune_affiliate_id, r.affiliate_id)::varchar(64) as affiliate_id,
    r.tune_payout_type::varchar(32) as tune_payout_type,
    r.tune_revenue_type::varchar(32) as tune_revenue_type
from resolved as r
left join versions as v on v.conversion_id = r.conversion_id and v.nth = 1
