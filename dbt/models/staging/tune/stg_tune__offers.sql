with source as (

    select o.* from {{ source('landing', 'tune_offers') }} as o

),

renamed as (

    select
        'offer'::varchar(8) as entity,
        o.payload."id"::varchar(64) as entity_id,
        null::varchar(64) as offer_id,
        case when o.payload."is_expired"::varchar(8) = '1' then 'expired' else o.payload."status"::varchar(16) end as status,
        {{ tune_time('o.payload."modified"::varchar(16)') }} as modified_at,
        o.payload."observed_at"::varchar(32)::timestamp as observed_at,
        o.payload."advertiser_id"::varchar(64) as advertiser_id,
        o.payload."name"::varchar(256) as name,
        o.payload."payout_type"::varchar(32) as payout_type,
        o.payload."revenue_type"::varchar(32) as revenue_type,
        {{ tune_money('o.payload."default_payout"::varchar(64)') }} as payout,
        {{ tune_money('o.payload."max_payout"::varchar(64)') }} as revenue,
        {{ tune_money('o.payload."percent_payout"::varchar(64)') }} as percent_payout,
        {{ tune_money('o.payload."max_percent_payout"::varchar(64)') }} as percent_revenue,
        o.payload."currency"::varchar(3) as currency,
        o.dt,
        o.hr,
        o.load_id,
        o.loaded_at
    from source as o

)

select * from renamed
