with source as (

    select f.* from {{ source('landing', 'forwards') }} as f

),

renamed as (

    select
        f.payload."attempt_id"::varchar(36) as attempt_id,
        f.payload."postback_id"::varchar(36) as postback_id,
        f.payload."route"::varchar(64) as route,
        f.payload."destination"::varchar(64) as destination,
        f.payload."attempt"::int as attempt,
        nullif(f.payload."replay_id"::varchar(64), '') as replay_id,
        f.payload."attempted_at"::varchar(32)::timestamp as attempted_at,
        f.payload."outcome"::varchar(16) as outcome,
        nullif(f.payload."reason"::varchar(512), '') as reason,
        f.payload."final"::boolean as is_final,
        f.dt,
        f.hr,
        f.load_id,
        f.loaded_at
    from source as f

)

select * from renamed
