{% set map = parameter_map() -%}
{% set zones = app_time_zones() -%}
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
        {% for column in ['click_id', 'affiliate_id', 'offer_id', 'goal_id', 'app_id', 'device_id', 'activity_kind', 'event_name', 'event_id',
                          'reject_reason', 'sub_site_id', 'advertising_id', 'device_ip', 'click_ip', 'country', 'user_agent', 'device_model',
                          'os_version', 'app_version', 'sdk_version'] -%}
        {{ mapped(map, column) }} as {{ column }},
        {% endfor -%}
        {% for column in ['clicked_at', 'installed_at', 'event_at', 'store_clicked_at', 'install_began_at', 'sale_amount', 'sale_currency',
                          'rejected'] -%}
        {{ mapped(map, column) }} as {{ column }}_sent,
        {% endfor -%}
        p.dt,
        p.hr,
        p.load_id,
        p.loaded_at
    from source as p

),

typed as (

    select
        navigated.*,
        source in ('{{ map | map(attribute="source") | unique | join("', '") }}') as is_mapped,
        {{ as_time('clicked_at_sent', zones) }} as clicked_at,
        {{ as_time('installed_at_sent', zones) }} as installed_at,
        {{ as_time('event_at_sent', zones) }} as event_at,
        {{ as_time('store_clicked_at_sent', zones) }} as store_clicked_at,
        {{ as_time('install_began_at_sent', zones) }} as install_began_at,
        {{ as_money('sale_amount_sent') }} as sale_amount,
        {{ as_flag('rejected_sent') }} as rejected,
        {{ as_currency('sale_currency_sent') }} as sale_currency
    from navigated
    left join {{ ref('currencies') }} as currencies on currencies.code = upper(sale_currency_sent)

)

select
    ---------- ids
    postback_id, source, fingerprint, message_id, click_id, affiliate_id, offer_id, goal_id, app_id, device_id, event_id,
    ---------- what it says
    is_verified, receipt_verdict, ip_verdict, is_mmp_rejected,
    coalesce(rejected, false) or reject_reason is not null as is_rejected_by_map,
    reject_reason,
    ---------- signals of the device, for the fraud rules
    sub_site_id, advertising_id, device_ip, click_ip, upper(left(country, 2)) as country, user_agent, device_model, os_version,
    app_version, sdk_version,
    ---------- the event
    case when is_mapped then coalesce(activity_kind, event_name, 'install') else 'unmapped' end as kind_name,
    case when is_mapped then coalesce(event_name, activity_kind, 'install') else 'unmapped' end as event_name,
    ---------- numerics
    receive_count,
    sale_amount,
    sale_currency,
    ---------- times, UTC
    received_at,
    {{ local_date('received_at') }} as receipt_date,
    clicked_at, installed_at, event_at, store_clicked_at, install_began_at, archived_at,
    ---------- what could not be read, or not be believed, in the order of the alphabet
    nullif(ltrim(
        {{ time_flag('clicked_at') }} || {{ time_flag('event_at') }} || {{ time_flag('install_began_at') }} || {{ time_flag('installed_at') }}
        || case when rejected_sent is not null and rejected is null then ',rejected:unreadable' else '' end
        || case when sale_amount < 0 then ',sale_amount:negative' when sale_amount_sent is not null and sale_amount is null then ',sale_amount:unreadable' else '' end
        || case when sale_currency = 'XXX' then ',sale_currency:unknown' else '' end
        || case when is_mapped then '' else ',source:unmapped' end
        || {{ time_flag('store_clicked_at') }}, ','), '') as input_flags,
    dt, hr, load_id, loaded_at
from typed
