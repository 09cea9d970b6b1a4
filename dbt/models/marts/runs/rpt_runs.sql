-- The last model of a run: it is built only if all before it, and all their tests, passed.
-- depends_on: {{ ref('fct_unverified_postbacks') }}
-- depends_on: {{ ref('int_verdict_history') }}
-- depends_on: {{ ref('fct_daily_statistics') }}
-- depends_on: {{ ref('rpt_volume_trend') }}
-- depends_on: {{ ref('rpt_breakage_trend') }}
-- depends_on: {{ ref('rpt_lateness_trend') }}
-- depends_on: {{ ref('rpt_freshness') }}
-- depends_on: {{ ref('fct_invoice_lines') }}
-- depends_on: {{ ref('rpt_unmapped_trend') }}
{{ config(incremental_strategy='replace_run', post_hook="{{ finish_run() }}") }}

with days as (

    select report_date, is_within_window from {{ ref('int_days_to_process') }} where run_id = {{ run_id() }}

),

span as (

    select
        min(case when is_within_window then report_date end) as first_day,
        max(case when is_within_window then report_date end) as last_day,
        sum(case when is_within_window then 1 else 0 end) as days,
        sum(case when is_within_window then 0 else 1 end) as days_outside_window
    from days

),

loads as (

    select count(*) as loads, coalesce(sum(case when is_new then 1 else 0 end), 0) as new_loads
    from {{ ref('int_run_loads') }}
    where run_id = {{ run_id() }}

),

postbacks as (

    select count(*) as postbacks, count(input_flags) as flagged_postbacks
    from {{ ref('fct_postbacks') }}
    where receipt_date in {{ days_of_run() }}

),

conversions as (

    select
        count(*) as conversions,
        coalesce(sum(case when billing_status = 'billable' then 1 else 0 end), 0) as billable
    from {{ ref('fct_conversions') }}
    where report_date in {{ days_of_run() }}

),

reconciled as (

    select
        count(*) as reconciled,
        coalesce(sum(case when class = 'tune_unknown' then 1 else 0 end), 0) as tune_unknown
    from {{ ref('fct_tune_reconciliation') }}
    where report_date in {{ days_of_run() }}

)

select
    {{ run_id() }}::varchar(250) as run_id,
    '{{ var("days") | join(",") }}'::varchar(4096) as requested_days,
    span.first_day::date as first_day,
    span.last_day::date as last_day,
    coalesce(span.days, 0)::int as days,
    coalesce(span.days_outside_window, 0)::int as days_outside_window,
    loads.loads::int as loads,
    loads.new_loads::int as new_loads,
    postbacks.postbacks::int as postbacks,
    postbacks.flagged_postbacks::int as flagged_postbacks,
    conversions.conversions::int as conversions,
    conversions.billable::int as billable,
    reconciled.reconciled::int as reconciled,
    reconciled.tune_unknown::int as tune_unknown
from span
cross join loads
cross join postbacks
cross join conversions
cross join reconciled
