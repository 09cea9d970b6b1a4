{{ config(materialized='view', bind=false) }}

select
    line_id::varchar(64) as line_id,
    status::varchar(8) as status,
    period::varchar(7) as period,
    origin_period::varchar(7) as origin_period,
    kind::varchar(16) as kind,
    party_type::varchar(16) as party_type,
    party_id::varchar(64) as party_id,
    offer_id::varchar(64) as offer_id,
    goal_id::varchar(64) as goal_id,
    payout_type::varchar(32) as payout_type,
    currency::varchar(3) as currency,
    conversions::bigint as conversions,
    rate::numeric(18, 6) as rate,
    exact_amount::numeric(18, 6) as exact_amount,
    amount::numeric(18, 6) as amount,
    checksum::bigint as checksum,
    closing_id::varchar(36) as closing_id,
    reason::varchar(1000) as reason
from {{ ref('int_invoice_lines') }}
