with source as (

    select c.* from {{ source('landing', 'tune_conversions') }} as c

),

navigated as (

    select
        ---------- ids
        c.payload."fetch_id"::varchar(36) as fetch_id,
        coalesce(c.payload."tune_event_id"::varchar(64), c.payload."id"::varchar(64)) as tune_conversion_id,
        nullif(c.payload."ad_id"::varchar(256), '') as transaction_id,
        -- Our id, wherever it stands in what the postback left with TUNE.
        nullif(regexp_substr(c.payload."advertiser_info"::varchar(500), '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'), '')
            as postback_id,
        c.payload."affiliate_id"::varchar(64) as affiliate_id,
        c.payload."advertiser_id"::varchar(64) as advertiser_id,
        c.payload."offer_id"::varchar(64) as offer_id,
        nullif(nullif(c.payload."goal_id"::varchar(64), '0'), '') as goal_id,
        ---------- what it says
        c.payload."status"::varchar(16) as status_sent,
        c.payload."status_code"::varchar(8) as status_code,
        coalesce(c.payload."is_adjustment"::varchar(8), '0') in ('1', 'true') as is_adjustment,
        ---------- money
        nullif(c.payload."payout"::varchar(64), '') as payout_sent,
        nullif(c.payload."revenue"::varchar(64), '') as revenue_sent,
        nullif(c.payload."sale_amount"::varchar(64), '') as sale_amount_sent,
        nullif(c.payload."currency"::varchar(64), '') as currency_sent,
        c.payload."payout_type"::varchar(32) as payout_type,
        c.payload."revenue_type"::varchar(32) as revenue_type,
        ---------- times: TUNE writes them in the network's time zone, without an offset
        c.payload."datetime"::varchar(19)::timestamp as converted_at_local,
        c.payload."datetime"::varchar(19)::timestamp::date as tune_date,
        c.payload."observed_at"::varchar(32)::timestamp as observed_at,
        c.dt,
        c.hr,
        c.load_id,
        c.loaded_at
    from source as c

),

typed as (

    select
        navigated.*,
        -- A word that is none of TUNE's three decides nothing yet.
        case when status_sent in ('approved', 'pending', 'rejected') then status_sent else 'pending' end::varchar(16) as status,
        {{ tune_money('payout_sent') }} as payout,
        {{ tune_money('revenue_sent') }} as revenue,
        {{ tune_money('sale_amount_sent') }} as sale_amount,
        {{ as_currency('currency_sent') }} as currency
    from navigated
    left join {{ ref('currencies') }} as currencies on currencies.code = currency_sent

)

select
    fetch_id, tune_conversion_id, transaction_id, postback_id, affiliate_id, advertiser_id, offer_id, goal_id,
    status, status_code, is_adjustment,
    payout, revenue, sale_amount, currency, payout_type, revenue_type,
    converted_at_local, tune_date, observed_at,
    ---------- what could not be read, in the order of the alphabet
    nullif(ltrim(
        case when currency = 'XXX' then ',tune_currency:unknown' else '' end
        || case when payout_sent is not null and payout is null then ',tune_payout:unreadable' else '' end
        || case when revenue_sent is not null and revenue is null then ',tune_revenue:unreadable' else '' end
        || case when sale_amount_sent is not null and sale_amount is null then ',tune_sale_amount:unreadable' else '' end
        || case when status_sent = status then '' else ',tune_status:unknown' end, ','), '')::varchar(128) as input_flags,
    dt, hr, load_id, loaded_at
from typed
