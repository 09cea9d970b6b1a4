{{ config(sort='report_date') }}

with conversions as (

    select * from {{ ref('int_conversions') }} where report_date in {{ days_of_run() }}

),

-- The first postback of each, as it was delivered first.
firsts as (

    select *
    from (
        select
            p.*, row_number() over (partition by p.postback_id order by p.archived_at, p.receive_count, p.message_id, p.dt, p.hr, p.load_id) as nth_line
        from {{ ref('int_postbacks_landed') }} as p
        where p.is_verified
            and p.receipt_date in {{ days_of_run() }}
            and p.load_id in {{ loads_in_force('postbacks') }}
    ) as numbered
    where nth_line = 1

),

-- Its own click in TUNE's log, on the days that its report date looks back to.
clicks as (

    select *
    from (
        select
            c.conversion_id, k.transaction_id, k.clicked_at, k.click_date, k.offer_id, k.site, k.device, k.ip_block, k.country, k.user_agent,
            row_number() over (partition by c.conversion_id order by k.clicked_at, k.click_date, k.site, k.ip) as nth_row
        from conversions as c
        join {{ ref('int_tune_clicks') }} as k
            on k.transaction_id = c.click_id
            and k.click_date between dateadd(day, -{{ fraud_look_back() }}, c.report_date)::date and c.report_date
        where k.click_date between {{ first_day_looked_at() }} and {{ last_day_looked_at() }}
    ) as numbered
    where nth_row = 1

),

covered as (

    select distinct click_date from {{ ref('int_click_fetches') }}
    where not is_before and click_date between {{ first_day_looked_at() }} and {{ last_day_looked_at() }}

),

tune_rows as (

    select distinct conversion_id from {{ ref('int_tune_matches') }} where report_date in {{ days_of_run() }} and conversion_id is not null

)

select
    c.conversion_id, c.report_date, c.source, c.event_kind, c.app_id, c.click_id, c.offer_id,
    {{ site_of('f') }} as site,
    c.is_rejected, c.reject_reason, c.first_received_at, c.clicked_at, c.installed_at, c.occurred_at,
    f.store_clicked_at, f.install_began_at,
    f.advertising_id,
    coalesce({{ device_of('f.advertising_id') }}, k.device) as device,
    f.device_ip,
    {{ address_block('f.device_ip') }} as install_block,
    f.country,
    ---------- its click in TUNE's log
    k.transaction_id is not null as is_click_logged,
    k.clicked_at as tune_clicked_at,
    k.click_date as tune_click_date,
    k.offer_id as click_offer_id,
    k.site as click_site,
    k.ip_block as click_block,
    k.country as click_country,
    k.user_agent as click_user_agent,
    ---------- whether the log can prove that there was none: it holds the days around the time that the MMP gives
    d.click_date is not null and e.click_date is not null as is_log_complete,
    coalesce(c.forward_outcome in ('accepted', 'duplicate'), false) or t.conversion_id is not null as is_known_to_tune
from conversions as c
join firsts as f on f.postback_id = c.first_postback_id and f.receipt_date = c.report_date
left join clicks as k on k.conversion_id = c.conversion_id
left join covered as d
    on d.click_date = {{ local_date('dateadd(minute, -10, c.clicked_at)') }}
    and d.click_date between dateadd(day, -{{ fraud_look_back() }}, c.report_date)::date and c.report_date
left join covered as e
    on e.click_date = {{ local_date('dateadd(minute, 10, c.clicked_at)') }}
    and e.click_date between dateadd(day, -{{ fraud_look_back() }}, c.report_date)::date and c.report_date
left join tune_rows as t on t.conversion_id = c.conversion_id
