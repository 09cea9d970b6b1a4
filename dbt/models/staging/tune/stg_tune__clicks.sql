with source as (

    select c.* from {{ source('landing', 'tune_clicks') }} as c

),

navigated as (

    select
        ---------- ids
        c.payload."fetch_id"::varchar(36) as fetch_id,
        nullif(c.payload."transaction_id"::varchar(256), '') as transaction_id,
        nullif(c.payload."offer_id"::varchar(64), '') as offer_id,
        nullif(c.payload."affiliate_id"::varchar(64), '') as affiliate_id,
        nullif(c.payload."affiliate_sub1"::varchar(256), '') as sub_site_id,
        ---------- the device, as far as it is kept
        lower(nullif(c.payload."advertising_id"::varchar(64), '')) as advertising_id,
        nullif(c.payload."ip"::varchar(64), '') as ip,
        nullif(upper(left(c.payload."country_code"::varchar(8), 2)), '') as country,
        nullif(c.payload."user_agent"::varchar(256), '') as user_agent,
        nullif(c.payload."device_model"::varchar(64), '') as device_model,
        nullif(c.payload."device_os"::varchar(32), '') as device_os,
        nullif(c.payload."device_os_version"::varchar(32), '') as device_os_version,
        ---------- what it says
        nullif(c.payload."status"::varchar(16), '') as status,
        c.payload."is_click_unique"::varchar(8) = '1' as is_unique,
        ---------- times
        c.payload."datetime"::varchar(26) as datetime_text,
        c.payload."observed_at"::varchar(32)::timestamp as observed_at,
        c.dt,
        c.hr,
        c.load_id,
        c.loaded_at
    from source as c

),

timed as (

    -- TUNE writes times in the network's time zone, without an offset: read as they stand.
    select navigated.*, {{ as_time("('utc:' || datetime_text)", []) }} as clicked_at_local
    from navigated

)

select
    fetch_id, transaction_id, offer_id, affiliate_id, sub_site_id,
    advertising_id, ip, {{ address_block('ip') }} as ip_block, country, user_agent, device_model, device_os, device_os_version,
    status, is_unique,
    clicked_at_local,
    clicked_at_local::date as click_date,
    convert_timezone('{{ var("time_zone") }}', 'UTC', clicked_at_local) as clicked_at,
    observed_at, dt, hr, load_id, loaded_at
from timed
