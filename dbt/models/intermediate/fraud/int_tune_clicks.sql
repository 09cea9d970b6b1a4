{{ config(
    incremental_strategy='replace_days',
    meta={'dates_model': 'int_click_days_to_process', 'day_column': 'click_date'},
    sort='click_date'
) }}

select
    c.click_date, c.transaction_id, c.offer_id, c.affiliate_id, c.sub_site_id,
    {{ site_of('c') }} as site,
    {{ device_of('c.advertising_id') }} as device,
    c.ip, c.ip_block, c.country, c.user_agent, c.clicked_at, c.fetch_id
from {{ ref('int_tune_clicks_landed') }} as c
join {{ ref('int_click_days_to_process') }} as d on d.fetch_id = c.fetch_id and d.report_date = c.click_date
where d.run_id = {{ run_id() }}
    and c.load_id in {{ loads_in_force('tune_clicks') }}
