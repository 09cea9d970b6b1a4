{% set map = parameter_map() -%}
with source as (

    select p.* from {{ source('landing', 'postbacks') }} as p

),

navigated as (

    select
        p.payload."postback_id"::varchar(36) as postback_id,
        p.payload."received_at"::varchar(32)::timestamp as received_at,
        p.payload."source"::varchar(64) as source,
        p.payload."verified"::boolean as is_verified,
        p.payload."verdict"::varchar(16) as receipt_verdict,
        p.payload."ip_verdict"::varchar(16) as ip_verdict,
        p.payload."mmp_rejected"::boolean as is_mmp_rejected,
        p.payload."fingerprint"::varchar(64) as fingerprint,
        p.payload."delivery"."message_id"::varchar(64) as message_id,
        p.payload."delivery"."receive_count"::int as receive_count,
        p.payload."delivery"."archived_at"::varchar(32)::timestamp as archived_at,
        {% for column in ['click_id', 'affiliate_id', 'offer_id', 'goal_id', 'app_id', 'device_id', 'activity_kind', 'event_name',
                          'event_id', 'clicked_at', 'installed_at', 'event_at', 'sale_amount', 'sale_currency', 'rejected', 'reject_reason',
                          'sub_site_id', 'advertising_id', 'device_ip', 'click_ip', 'country', 'user_agent', 'device_model', 'os_version',
                          'app_version', 'sdk_version', 'store_clicked_at', 'install_began_at'] -%}
        {{ mapped(map, column) }} as {{ column }},
        {% endfor -%}
        p.dt,
        p.hr,
        p.load_id,
        p.loaded_at
    from source as p

),

typed as (

    select
        ---------- ids
        postback_id, source, fingerprint, message_id, click_id, affiliate_id, offer_id, goal_id, app_id, device_id, event_id,
        ---------- what it says
        is_verified, receipt_verdict, ip_verdict, is_mmp_rejected,
        coalesce(lower(rejected) in ('1', 'true') or lower(rejected) like 'rejected%', false) or reject_reason is not null
            as is_rejected_by_map,
        reject_reason,
        ---------- signals of the device, for the fraud rules
        sub_site_id, advertising_id, device_ip, click_ip, upper(left(country, 2)) as country, user_agent, device_model, os_version,
        app_version, sdk_version,
        ---------- the event
        coalesce(activity_kind, event_name, 'install') as kind_name,
        coalesce(event_name, activity_kind, 'install') as event_name,
        ---------- numerics
        receive_count,
        {{ as_decimal('sale_amount') }} as sale_amount,
        upper(left(sale_currency, 3)) as sale_currency,
        ---------- times, UTC
        received_at,
        {{ local_date('received_at') }} as receipt_date,
        {{ as_time('clicked_at') }} as clicked_at,
        {{ as_time('installed_at') }} as installed_at,
        {{ as_time('event_at') }} as event_at,
        {{ as_time('store_clicked_at') }} as store_clicked_at,
        {{ as_time('install_began_at') }} as install_began_at,
        archived_at,
        dt, hr, load_id, loaded_at
    from navigated

)

select * from typed
