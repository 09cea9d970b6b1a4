{{ config(incremental_strategy='replace_run') }}

-- Rows of the fetch that counted before and of the one that counts now, for days where these are two.
with fetched as (

    select
        coalesce(d.fetch_id = c.fetch_id, false) as is_new,
        c.tune_conversion_id, c.tune_date, c.transaction_id, c.postback_id, c.goal_id, c.offer_id, c.affiliate_id, c.advertiser_id, c.status,
        c.status_code, c.is_adjustment, c.payout, c.revenue, c.sale_amount, c.currency, c.payout_type, c.revenue_type, c.input_flags, c.converted_at_local
    from {{ ref('int_tune_days_to_process') }} as d
    join {{ ref('int_tune_conversions_landed') }} as c on c.tune_date = d.report_date and c.fetch_id in (d.fetch_id, d.previous_fetch_id)
    where d.run_id = {{ run_id() }} and coalesce(d.fetch_id, '') <> coalesce(d.previous_fetch_id, '')

)

-- A content that stands on one side only has come, gone or changed.
select {{ run_id() }}::varchar(250) as run_id, tune_conversion_id, tune_date, transaction_id, postback_id
from fetched
group by
    tune_conversion_id, tune_date, transaction_id, postback_id, goal_id, offer_id, affiliate_id, advertiser_id, status, status_code,
    is_adjustment, payout, revenue, sale_amount, currency, payout_type, revenue_type, input_flags, converted_at_local
having count(distinct is_new::int) = 1
