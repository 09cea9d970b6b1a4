{{ config(incremental_strategy='replace_loads', sort='dt') }}

-- The line that a fetch ends with. A fetch of clicks is of one day.
select
    load_id, dt, fetch_id, window_from as fetched_day, observed_at,
    declared_rows, 0::bigint as landed_rows, 0::bigint as content
from {{ ref('stg_tune__fetches') }}
where target = 'clicks' and {{ arrivals_of_run('tune_fetches') }}

union all

-- The rows that it brought, counted. Their content is a sum of digests: the same rows in whatever order have the same.
select
    load_id, dt, fetch_id, null::date as fetched_day, null::timestamp as observed_at,
    0::bigint as declared_rows, count(*) as landed_rows,
    sum(strtol(left(md5(
        coalesce(transaction_id, '') || '|' || coalesce(offer_id, '') || '|' || coalesce(affiliate_id, '') || '|' || coalesce(sub_site_id, '')
        || '|' || coalesce(advertising_id, '') || '|' || coalesce(ip, '') || '|' || coalesce(country, '') || '|' || coalesce(user_agent, '')
        || '|' || coalesce(clicked_at_local::varchar, '')
    ), 8), 16))::bigint as content
from {{ ref('int_tune_clicks_landed') }}
where load_id in (select load_id from {{ ref('int_run_loads') }} where run_id = {{ run_id() }} and table_name = 'tune_clicks')
group by load_id, dt, fetch_id
