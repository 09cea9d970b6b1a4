{{ config(incremental_strategy='replace_loads', sort='tune_date') }}

select distinct
    fetch_id, tune_conversion_id, transaction_id, postback_id, affiliate_id, advertiser_id, offer_id, goal_id, status, status_code, is_adjustment,
    payout, revenue, sale_amount, currency, payout_type, revenue_type, converted_at_local, tune_date, input_flags, observed_at, dt, hr, load_id, loaded_at
from {{ ref('stg_tune__conversions') }}
where {{ arrivals_of_run('tune_conversions') }}
