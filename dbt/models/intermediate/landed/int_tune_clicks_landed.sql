{{ config(incremental_strategy='replace_loads', sort='click_date') }}

-- Not made distinct, as other landed lines are: a fetch writes each row of the log once, and its rows are counted.
select
    fetch_id, transaction_id, offer_id, affiliate_id, sub_site_id, advertising_id, ip, ip_block, country, user_agent, device_model,
    device_os, device_os_version, status, is_unique, clicked_at_local, click_date, clicked_at, observed_at, dt, hr, load_id, loaded_at
from {{ ref('stg_tune__clicks') }}
where {{ arrivals_of_run('tune_clicks') }}
