{{ config(sort='report_date') }}

{%- set first_day = first_day_read() %}
{%- set last_day = last_day_read() %}

with windows as (

    select *
    from {{ ref('int_mmp_report_windows') }}
    where ends_at > {{ first_day }} and begins_at < dateadd(day, 1, {{ last_day }})

),

landed as (

    select distinct
        r.report_id, r.report_row, w.source, w.report, w.event_kind, w.app_id, r.click_id, r.event_name, r.is_rejected, r.reject_reason,
        r.revenue, r.currency, r.event_at, r.report_day, w.observed_at
    from {{ ref('int_mmp_reports_landed') }} as r
    join windows as w on w.report_id = r.report_id and w.app_id = coalesce(r.app_id, '')
    where r.report_day between dateadd(day, -1, {{ first_day }}) and dateadd(day, 1, {{ last_day }})
        and r.load_id in {{ loads_in_force('mmp_reports') }}

),

-- The same report of the same app is fetched again: for each of its days the newest that covers it counts, also where it has no row any more.
newest as (

    select d.source, d.report, d.app_id, d.report_day, w.report_id,
        row_number() over (partition by d.source, d.report, d.app_id, d.report_day order by w.observed_at desc, w.report_id desc) as newest_first
    from (select distinct source, report, app_id, report_day from landed) as d
    join windows as w
        on w.source = d.source and w.report = d.report and w.app_id = d.app_id and d.report_day between w.window_from and w.window_to

),

-- What two reports tell of, one of them as blocked, is one thing, and blocked.
numbered as (

    select
        landed.*,
        row_number() over (
            partition by landed.source, coalesce(landed.click_id, landed.report_id || ':' || landed.report_row::varchar), landed.event_name, landed.event_at
            order by landed.is_rejected desc, landed.report_id, landed.report_row
        ) as nth
    from landed
    join newest
        on newest.report_id = landed.report_id and newest.report_day = landed.report_day and newest.app_id = landed.app_id
        and newest.newest_first = 1

),

reported as (

    select
        md5(report_id || '|' || report_row::varchar) as mmp_row_id, source, report, event_kind, click_id, event_name, is_rejected, reject_reason,
        revenue, currency, event_at
    from numbered
    where nth = 1

),

conversions as (

    select conversion_id, report_date, source, event_kind, event_name, click_id, converted_at
    from {{ ref('int_conversions') }}
    where report_date between {{ first_day }} and {{ last_day }}

),

candidates as (

    select
        r.mmp_row_id, c.conversion_id,
        c.source || '|' || c.click_id || '|' || c.event_kind || '|' || c.event_name as pair_group,
        r.event_at as one_time,
        c.converted_at as other_time
    from reported as r
    join conversions as c
        on c.source = r.source and c.click_id = r.click_id and c.event_kind = r.event_kind
        and (r.event_kind = 'install' or c.event_name = r.event_name)

),
{{ nearest_pairs('pairs', 'candidates', 'mmp_row_id', 'conversion_id') }}
matched as (

    {{ all_pairs('pairs', 'mmp_row_id, conversion_id') }}

),

-- What TUNE has and we have not may stand in the report as well.
tune_only as (

    select tune_conversion_id, report_date, transaction_id, goal_id, converted_at_local
    from {{ ref('int_tune_matches') }}
    where report_date between {{ first_day }} and {{ last_day }} and conversion_id is null and is_deciding and not is_adjustment

),

tune_candidates as (

    select
        r.mmp_row_id, t.tune_conversion_id,
        r.source || '|' || r.event_kind || '|' || t.transaction_id as pair_group,
        r.event_at as one_time,
        convert_timezone('{{ var("time_zone") }}', 'UTC', t.converted_at_local) as other_time
    from reported as r
    join tune_only as t on t.transaction_id = r.click_id and (t.goal_id is null) = (r.event_kind = 'install')
    where r.mmp_row_id not in (select mmp_row_id from matched)

),
{{ nearest_pairs('tune_pairs', 'tune_candidates', 'mmp_row_id', 'tune_conversion_id') }}
tune_matched as (

    {{ all_pairs('tune_pairs', 'mmp_row_id, tune_conversion_id') }}

),

placed as (

    select
        r.*, m.conversion_id, t.tune_conversion_id,
        coalesce(c.report_date, tune_only.report_date, {{ local_date('r.event_at') }}) as report_date
    from reported as r
    left join matched as m on m.mmp_row_id = r.mmp_row_id
    left join conversions as c on c.conversion_id = m.conversion_id
    left join tune_matched as t on t.mmp_row_id = r.mmp_row_id
    left join tune_only on tune_only.tune_conversion_id = t.tune_conversion_id

)

select
    mmp_row_id, report_date, conversion_id, tune_conversion_id, source, report, event_kind, click_id, event_name, is_rejected, reject_reason, revenue,
    currency, event_at
from placed
where report_date in {{ days_of_run() }}
