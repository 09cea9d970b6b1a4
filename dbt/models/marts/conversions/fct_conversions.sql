{{ config(sort='report_date') }}

with conversions as (

    select * from {{ ref('int_conversions') }} where report_date in {{ days_of_run() }}

),

flags as (

    select
        conversion_id,
        listagg(rule_id, ', ') within group (order by rule_id) as rules,
        bool_or(severity = 'deterministic') as has_deterministic_flag
    from {{ ref('int_conversion_flags') }}
    where report_date in {{ days_of_run() }}
    group by conversion_id

),

tune as (

    select conversion_id, payout, revenue, currency
    from {{ ref('int_tune_matches') }}
    where report_date in {{ days_of_run() }} and conversion_id is not null and is_deciding

),

prices as (

    select * from {{ ref('int_conversion_prices') }} where report_date in {{ days_of_run() }}

),

statuses as (

    select * from {{ ref('int_conversion_statuses') }} where report_date in {{ days_of_run() }}

),

billing as (

    select * from {{ ref('int_billing_statuses') }} where report_date in {{ days_of_run() }}

)

select
    c.conversion_id::varchar(64) as conversion_id,
    c.report_date::date as report_date,
    c.source::varchar(64) as source,
    c.event_kind::varchar(16) as event_kind,
    c.event_name::varchar(256) as event_name,
    c.click_id::varchar(256) as click_id,
    c.offer_id::varchar(256) as offer_id,
    c.affiliate_id::varchar(256) as affiliate_id,
    c.goal_id::varchar(256) as goal_id,
    c.app_id::varchar(256) as app_id,
    c.first_postback_id::varchar(36) as first_postback_id,
    c.first_received_at::timestamp as first_received_at,
    c.last_received_at::timestamp as last_received_at,
    c.postbacks::int as postbacks,
    c.sender_retries::int as sender_retries,
    c.business_repeats::int as business_repeats,
    c.verdict_updates::int as verdict_updates,
    c.mmp_verdict::varchar(16) as mmp_verdict,
    c.reject_reason::varchar(256) as reject_reason,
    case when c.reject_reason is not null then coalesce(r.normalised, 'unknown') end::varchar(32) as reject_reason_normalised,
    c.is_rejected::boolean as is_rejected,
    (flags.conversion_id is not null)::boolean as is_suspected,
    coalesce(flags.has_deterministic_flag, false)::boolean as has_deterministic_flag,
    flags.rules::varchar(256) as fraud_rules,
    c.possible_repeat::boolean as possible_repeat,
    c.clicked_at::timestamp as clicked_at,
    c.installed_at::timestamp as installed_at,
    c.occurred_at::timestamp as occurred_at,
    coalesce(statuses.paused_at_click, 'unknown')::varchar(8) as paused_at_click,
    coalesce(statuses.paused_at_conversion, 'unknown')::varchar(8) as paused_at_conversion,
    coalesce(tune.payout, prices.payout)::numeric(18, 6) as payout,
    coalesce(tune.revenue, prices.revenue)::numeric(18, 6) as revenue,
    c.sale_amount::numeric(18, 6) as sale_amount,
    coalesce(tune.currency, prices.currency)::varchar(3) as currency,
    c.sale_currency::varchar(3) as sale_currency,
    c.input_flags::varchar(512) as input_flags,
    case when tune.payout is not null then 'tune' when prices.payout is not null then prices.price_source else 'none' end::varchar(8)
        as payout_source,
    case when tune.revenue is not null then 'tune' when prices.revenue is not null then prices.price_source else 'none' end::varchar(8)
        as revenue_source,
    billing.billing_status::varchar(16) as billing_status,
    billing.billing_reason::varchar(32) as billing_reason,
    {{ run_id() }}::varchar(250) as run_id
from conversions as c
join billing on billing.conversion_id = c.conversion_id
left join flags on flags.conversion_id = c.conversion_id
left join tune on tune.conversion_id = c.conversion_id
left join prices on prices.conversion_id = c.conversion_id
left join statuses on statuses.conversion_id = c.conversion_id
left join {{ ref('reject_reasons') }} as r on {{ is_reason('r.reject_reason', 'c.reject_reason') }}
