{{ config(
    incremental_strategy='replace_days',
    meta={'dates_model': 'int_tune_days_to_process', 'day_column': 'tune_date'},
    sort='tune_date'
) }}

select distinct
    c.tune_conversion_id, c.tune_date, c.transaction_id, c.postback_id, c.affiliate_id, c.advertiser_id, c.offer_id, c.goal_id, c.status,
    c.status_code, c.is_adjustment, c.payout, c.revenue, c.sale_amount, c.currency, c.payout_type, c.revenue_type, c.input_flags,
    c.converted_at_local,
    convert_timezone('{{ var("time_zone") }}', 'UTC', c.converted_at_local) as converted_at,
    c.fetch_id
from {{ ref('int_tune_conversions_landed') }} as c
join {{ ref('int_tune_days_to_process') }} as d on d.fetch_id = c.fetch_id and d.report_date = c.tune_date
where d.run_id = {{ run_id() }}
    and c.load_id in {{ loads_in_force('tune_conversions') }}
