{{ config(incremental_strategy='replace_loads', sort='dt') }}

with observations as (

    select * from {{ ref('stg_tune__offers') }} where {{ arrivals_of_run('tune_offers') }}
    union all
    select * from {{ ref('stg_tune__goals') }} where {{ arrivals_of_run('tune_goals') }}

)

-- One row a version of an offer or goal that the load saw: what it was since modified_at, and when it was last seen so.
select
    load_id, dt, hr, entity, entity_id, offer_id, advertiser_id, name, status, modified_at, payout_type, revenue_type, payout, revenue,
    percent_payout, percent_revenue, currency,
    min(observed_at) as first_observed_at,
    max(observed_at) as last_observed_at
from observations
group by load_id, dt, hr, entity, entity_id, offer_id, advertiser_id, name, status, modified_at, payout_type, revenue_type, payout,
    revenue, percent_payout, percent_revenue, currency
