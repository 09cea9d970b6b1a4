{{ config(materialized='ephemeral') }}

with installs as (

    select s.* from {{ ref('int_conversion_signals') }} as s where s.report_date in {{ days_of_run() }} and s.event_kind = 'install'

)

select
    conversion_id, report_date, app_id, 'F9' as rule_id, case when click_country <> country then 1 else 0 end::numeric(20, 8) as value,
    null::bigint as sample_size,
    'clicked in ' || click_country || ', installed in ' || country as detail
from installs
where click_country is not null and country is not null

union all
-- Only where the log can prove it, and TUNE itself has not taken the click for one of its own.
select
    conversion_id, report_date, app_id, 'F16', case when is_click_logged then 0 else 1 end::numeric(20, 8), null::bigint,
    'the click is not in TUNE''s log, which has all of ' || clicked_at::date::varchar
from installs
where click_id is not null and (is_click_logged or (is_log_complete and not is_known_to_tune))

union all
select
    conversion_id, report_date, app_id, 'F16b', case when click_offer_id <> offer_id then 1 else 0 end::numeric(20, 8), null::bigint,
    'clicked on offer ' || click_offer_id || ', told of offer ' || offer_id
from installs
where click_offer_id is not null and offer_id is not null
