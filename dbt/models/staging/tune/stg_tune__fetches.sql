with source as (

    select f.* from {{ source('landing', 'tune_fetches') }} as f

),

renamed as (

    select
        f.payload."fetch_id"::varchar(36) as fetch_id,
        f.payload."target"::varchar(32) as target,
        f.payload."window_from"::varchar(10)::date as window_from,
        f.payload."window_to"::varchar(10)::date as window_to,
        f.payload."rows"::bigint as declared_rows,
        f.payload."observed_at"::varchar(32)::timestamp as observed_at,
        f.dt,
        f.hr,
        f.load_id,
        f.loaded_at
    from source as f

)

select * from renamed
