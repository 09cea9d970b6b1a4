with source as (

    select f.* from {{ source('landing', 'mmp_report_files') }} as f

),

renamed as (

    select
        f.payload."report_id"::varchar(64) as report_id,
        f.payload."source"::varchar(64) as source,
        f.payload."report"::varchar(64) as report,
        f.payload."window_from"::varchar(10)::date as window_from,
        f.payload."window_to"::varchar(10)::date as window_to,
        f.payload."time_zone"::varchar(64) as time_zone,
        f.payload."rows"::bigint as declared_rows,
        f.payload."observed_at"::varchar(32)::timestamp as observed_at,
        f.dt,
        f.hr,
        f.load_id,
        f.loaded_at
    from source as f

)

select * from renamed
