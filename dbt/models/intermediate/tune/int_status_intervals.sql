{{ config(incremental_strategy='replace_all') }}

-- An observation proves a status from the last change before it to the moment at which it was made.
select
    entity,
    entity_id,
    max(offer_id) as offer_id,
    max(advertiser_id) as advertiser_id,
    status,
    status = 'active' as is_active,
    modified_at as proven_from,
    max(last_observed_at) as proven_to,
    payout_type, revenue_type, payout, revenue, percent_payout, percent_revenue, currency
from {{ ref('int_tune_observations_landed') }}
where load_id in {{ loads_in_force('tune_offers') }} or load_id in {{ loads_in_force('tune_goals') }}
group by
    entity, entity_id, status, modified_at, payout_type, revenue_type, payout, revenue, percent_payout, percent_revenue, currency
