with source as (

    select r.* from {{ source('landing', 'mmp_reports') }} as r

),

renamed as (

    select
        ---------- ids
        r.payload."report_id"::varchar(64) as report_id,
        r.payload."row_number"::int as report_row,
        r.payload."source"::varchar(64) as source,
        r.payload."report"::varchar(64) as report,
        nullif(r.payload."click_id"::varchar(256), '') as click_id,
        nullif(r.payload."app_id"::varchar(256), '') as app_id,
        nullif(r.payload."row"."site_id"::varchar(256), '') as affiliate_id,
        ---------- what it says
        nullif(r.payload."event_name"::varchar(256), '') as event_name,
        r.payload."rejected"::boolean as is_rejected,
        nullif(r.payload."reject_reason"::varchar(256), '') as reject_reason,
        nullif(r.payload."reject_reason_value"::varchar(256), '') as reject_reason_value,
        ---------- money
        r.payload."revenue"::varchar(40)::numeric(18, 6) as revenue,
        nullif(upper(left(r.payload."currency"::varchar(8), 3)), '') as currency,
        ---------- times, UTC
        r.payload."touched_at"::varchar(32)::timestamp as touched_at,
        r.payload."installed_at"::varchar(32)::timestamp as installed_at,
        r.payload."event_at"::varchar(32)::timestamp as event_at,
        convert_timezone('UTC', r.payload."time_zone"::varchar(64), r.payload."event_at"::varchar(32)::timestamp)::date as report_day,
        r.payload."observed_at"::varchar(32)::timestamp as observed_at,
        r.dt,
        r.hr,
        r.load_id,
        r.loaded_at
    from source as r

)

select * from renamed
