with source as (

    select c.* from {{ source('landing', 'tune_conversions') }} as c

),

renamed as (

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
        c.payload."status"::varchar(16) as status,
        c.payload."status_code"::varchar(8) as status_code,
        coalesce(c.payload."is_adjustment"::varchar(8), '0') in ('1', 'true') as is_adjustment,
        ---------- money
        nullif(c.payload."payout"::varchar(32), '')::numeric(18, 6) as payout,
        nullif(c.payload."revenue"::varchar(32), '')::numeric(18, 6) as revenue,
        nullif(c.payload."sale_amount"::varchar(32), '')::numeric(18, 6) as sale_amount,
        c.payload."currency"::varchar(3) as currency,
        c.payload."payout_type"::varchar(32) as payout_type,
        c.payload."revenue_type"::varchar(32) as revenue_type,
        ---------- times: TUNE writes them in the network's time zone, without an offset
        nullif(c.payload."datetime"::varchar(19), '')::timestamp as converted_at_local,
        nullif(c.payload."datetime"::varchar(19), '')::timestamp::date as tune_date,
        c.payload."observed_at"::varchar(32)::timestamp as observed_at,
        c.dt,
        c.hr,
        c.load_id,
        c.loaded_at
    from source as c

)

select * from renamed
