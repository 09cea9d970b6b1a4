{{ config(incremental_strategy='replace_run') }}

with touched_tune_rows as (

    select tune_date, transaction_id, postback_id from {{ ref('int_touched_tune_rows') }} where run_id = {{ run_id() }}

),

postbacks as (

    select identity_key, postback_id, source, click_id, receipt_date
    from {{ ref('int_postbacks_landed') }}
    where is_verified and {{ within_window('receipt_date') }}

),

tune_rows as (

    select postback_id, transaction_id, tune_date, is_adjustment
    from {{ ref('int_tune_conversions') }}
    where {{ within_window('tune_date') }}

),

-- Reports of MMPs that came or went with the new loads: what they cover is told anew.
reports as (

    select f.report_id, min(f.source) as source, min(f.window_from) as window_from, max(f.window_to) as window_to
    from {{ ref('int_mmp_report_files_landed') }} as f
    where f.report_id in (
        select files.report_id
        from {{ ref('int_mmp_report_files_landed') }} as files
        join {{ ref('int_run_loads') }} as n on n.dt = files.dt and n.hr = files.hr and n.table_name in ('mmp_reports', 'mmp_report_files')
        where n.run_id = {{ run_id() }} and n.is_new
    )
    group by f.report_id

),

-- What they, or others before them, tell of these days.
retold as (

    select distinct r.click_id, {{ local_date('r.event_at') }} as report_date
    from {{ ref('int_mmp_reports_landed') }} as r
    join reports on reports.source = r.source and r.report_day between reports.window_from and reports.window_to

),

reported as (

    select distinct click_id, {{ local_date('event_at') }} as report_date
    from {{ ref('int_mmp_reports_landed') }}
    where {{ within_window('report_day') }}

),

touched as (

    select identity_key, reason from {{ ref('int_touched_identities') }} where run_id = {{ run_id() }}

),

touched_clicks as (

    select postbacks.click_id from postbacks join touched on touched.identity_key = postbacks.identity_key
    union
    select transaction_id from touched_tune_rows

),

-- Who is matched with a row of TUNE's without our id, or with a line of a report, depends on all that share its click.
shared_clicks as (

    select transaction_id as click_id from touched_tune_rows where postback_id is null
    union
    select tune_rows.transaction_id
    from tune_rows
    join touched_clicks on touched_clicks.click_id = tune_rows.transaction_id
    where tune_rows.postback_id is null and not tune_rows.is_adjustment
    union
    select reported.click_id from reported join touched_clicks on touched_clicks.click_id = reported.click_id
    union
    select click_id from retold

),

-- Closed after one step: an identity has one click, so the partners of a partner share the click that brought it in.
identities as (

    select identity_key, reason from touched
    union
    select postbacks.identity_key, 'partner' as reason
    from postbacks
    join shared_clicks on shared_clicks.click_id = postbacks.click_id

),

-- Days of which the installs or the clicks are no longer what earlier runs saw.
changed as (

    select distinct p.receipt_date as day
    from {{ ref('int_postbacks_landed') }} as p
    join {{ ref('int_run_loads') }} as n on n.dt = p.dt and n.hr = p.hr and n.table_name = 'postbacks'
    where n.run_id = {{ run_id() }} and n.is_new and p.is_verified and p.event_kind = 'install'
    union
    select report_date from {{ ref('int_click_days_to_process') }} where run_id = {{ run_id() }} and is_changed

),

days as (

    {% for day in var('days') -%}
    select '{{ day }}'::date as report_date, 'requested' as reason
    union all
    {% endfor -%}
    -- Every receipt day of an identity, the report date among them.
    select postbacks.receipt_date as report_date, identities.reason
    from identities
    join postbacks on postbacks.identity_key = identities.identity_key

    union all

    -- And those outside of the window, which are only listed.
    select told.receipt_date, touched.reason
    from touched
    join {{ ref('int_identity_days') }} as told
        on told.identity_number = {{ identity_number('touched.identity_key') }} and told.identity_key = touched.identity_key
    where not ({{ within_window('told.receipt_date') }})

    union all

    -- Days whose fraud rules look back on a day that changed.
    select receipts.receipt_date, 'look_back'
    from (select distinct receipt_date from postbacks) as receipts
    join changed on receipts.receipt_date between changed.day and dateadd(day, {{ fraud_look_back() }}, changed.day)

    union all

    -- Receipts of the new loads, wherever they lie, unverified ones too.
    select p.receipt_date, 'landed'
    from {{ ref('int_postbacks_landed') }} as p
    join {{ ref('int_run_loads') }} as n on n.dt = p.dt and n.hr = p.hr and n.table_name = 'postbacks'
    where n.run_id = {{ run_id() }} and n.is_new

    union all

    -- What reports tell of, on the day on which it happened; what they cover, a day to each side because its days may be those of another zone.
    select report_date, 'reported' from retold
    union all
    select reported.report_date, 'reported' from reported join shared_clicks on shared_clicks.click_id = reported.click_id
    union all
    select distinct postbacks.receipt_date, 'reported'
    from reports
    join postbacks
        on postbacks.source = reports.source
        and postbacks.receipt_date between dateadd(day, -1, reports.window_from) and dateadd(day, 1, reports.window_to)

    union all

    -- TUNE's days: of the rows that changed, of those that touched identities own, and of those that these may be matched with.
    select tune_date, 'tune' from touched_tune_rows
    union all
    select tune_rows.tune_date, 'tune'
    from tune_rows
    join postbacks on postbacks.postback_id = tune_rows.postback_id
    join identities on identities.identity_key = postbacks.identity_key
    union all
    select tune_rows.tune_date, 'tune'
    from tune_rows
    join shared_clicks on shared_clicks.click_id = tune_rows.transaction_id

)

select
    {{ run_id() }}::varchar(250) as run_id,
    report_date,
    listagg(reason, ', ') within group (order by reason)::varchar(256) as reasons,
    {{ within_window('report_date') }} as is_within_window
from (select distinct report_date, reason from days where report_date is not null) as distinct_days
group by report_date
