{{ config(incremental_strategy='replace_all') }}

with in_force as (

    select f.*
    from {{ ref('int_mmp_report_files_landed') }} as f
    where f.load_id in {{ loads_in_force('mmp_report_files') }} or f.load_id in {{ loads_in_force('mmp_reports') }}

),

readings as (

    select report_id, load_id, sum(landed_rows) as landed_rows from in_force where window_to is null group by report_id, load_id

),

files as (

    select
        report_id, source, report,
        max(window_from) as window_from, max(window_to) as window_to, max(time_zone) as time_zone, max(observed_at) as observed_at,
        max(declared_rows) as declared_rows
    from in_force
    where window_to is not null
    group by report_id, source, report

),

complete as (

    select files.*
    from files
    left join (select report_id, max(landed_rows) as landed_rows from readings group by report_id) as landed on landed.report_id = files.report_id
    where files.declared_rows = coalesce(landed.landed_rows, 0)

),

-- A file is of one app or several; which, only its rows say.
apps as (

    select distinct report_id, coalesce(app_id, '') as app_id from in_force where window_to is null

)

select
    c.report_id, c.source, c.report, kinds.event_kind, kinds.is_blocked, apps.app_id, c.window_from, c.window_to,
    convert_timezone(c.time_zone, 'UTC', c.window_from::timestamp) as begins_at,
    convert_timezone(c.time_zone, 'UTC', dateadd(day, 1, c.window_to::timestamp)) as ends_at,
    c.observed_at
from complete as c
join apps on apps.report_id = c.report_id
join {{ ref('mmp_report_kinds') }} as kinds on kinds.source = c.source and kinds.report = c.report
