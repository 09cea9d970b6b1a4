{{ config(incremental_strategy='replace_loads', sort='receipt_date') }}

with lines as (

    -- Firehose may write a line twice; a second delivery by the queue differs in its delivery fields and stays.
    select distinct
        postback_id, source, fingerprint, message_id, click_id, affiliate_id, offer_id, goal_id, app_id, device_id, event_id,
        is_verified, receipt_verdict, ip_verdict, is_mmp_rejected, is_rejected_by_map, reject_reason, kind_name, event_name,
        receive_count, sale_amount, sale_currency, received_at, receipt_date, clicked_at, installed_at, event_at, archived_at,
        sub_site_id, advertising_id, device_ip, click_ip, country, user_agent, device_model, os_version, app_version, sdk_version,
        store_clicked_at, install_began_at, input_flags,
        dt, hr, load_id, loaded_at
    from {{ ref('stg_mmp__postbacks') }}
    where {{ arrivals_of_run('postbacks') }}

),

kinds as (

    select lines.*, coalesce(event_kinds.event_kind, 'event')::varchar(16) as event_kind
    from lines
    left join {{ ref('event_kinds') }} as event_kinds on event_kinds.name = lower(lines.kind_name)

),

-- An MMP that sends one time for whatever it tells of sends an install's as that.
timed as (

    select
        kinds.*,
        case when event_kind = 'install' then 'install' else event_name end as conversion_event,
        case when event_kind = 'install' then coalesce(installed_at, event_at) else installed_at end as install_at,
        case when event_kind = 'install' then coalesce(installed_at, event_at) else event_at end as occurred_at
    from kinds

),

-- Every identity of the map whose parts were all sent.
identities as (

    select
        timed.*,
        row_number() over (
            partition by timed.load_id, timed.postback_id, timed.message_id, timed.receive_count, timed.archived_at
            order by part.preference
        ) as choice,
        part.preference is not null as has_identity,
        md5(
            timed.source || '|' || timed.event_kind || '|' || timed.conversion_event || '|' || timed.click_id || '|' || part.preference::varchar
            || case when part.by_event_id then '|' || timed.event_id else '' end
            || case when part.by_time then '|' || timed.occurred_at::varchar else '' end
            || case when part.by_amount then '|' || timed.sale_amount::varchar else '' end
        ) as identity_hash
    from timed
    left join {{ ref('event_identity') }} as part
        on part.source = timed.source
        and part.event_kind = timed.event_kind
        and part.event_name in ('*', lower(timed.conversion_event))
        and timed.click_id is not null
        and (not part.by_event_id or timed.event_id is not null)
        and (not part.by_time or timed.occurred_at is not null)
        and (not part.by_amount or timed.sale_amount is not null)

)

select
    postback_id, source, fingerprint, message_id, click_id, affiliate_id, offer_id, goal_id, app_id, device_id, event_id,
    event_kind,
    conversion_event::varchar(256) as event_name,
    has_identity,
    -- What is compared with what: the identity, or where none is known the text of the postback itself.
    case when has_identity then identity_hash else md5('fingerprint|' || fingerprint) end::varchar(64) as identity_key,
    is_verified, receipt_verdict, ip_verdict, is_mmp_rejected, is_rejected_by_map, reject_reason,
    receive_count, sale_amount, sale_currency,
    received_at, receipt_date, clicked_at, install_at as installed_at, occurred_at, archived_at,
    sub_site_id, advertising_id, device_ip, click_ip, country, user_agent, device_model, os_version, app_version, sdk_version,
    store_clicked_at, install_began_at,
    input_flags::varchar(512) as input_flags,
    dt, hr, load_id, loaded_at
from identities
where choice = 1
