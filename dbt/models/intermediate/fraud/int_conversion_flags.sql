{{ config(sort='report_date') }}

-- What was measured of each conversion, by each rule that has the data for it.
with measures as (

    select * from {{ ref('int_time_measures') }}
    union all
    select * from {{ ref('int_click_measures') }}
    union all
    select * from {{ ref('int_device_measures') }}
    union all
    select * from {{ ref('int_site_measures') }}
    union all
    select * from {{ ref('int_verdict_measures') }}

),

judged as (

    select
        m.conversion_id, m.report_date, m.rule_id, m.value, m.sample_size, m.detail,
        r.severity, r.traffic, r.hits, r.unit,
        coalesce(t.threshold, r.threshold)::numeric(20, 8) as threshold
    from measures as m
    join {{ ref('fraud_rules') }} as r on r.rule_id = m.rule_id and r.status = 'active'
    left join {{ ref('fraud_thresholds') }} as t on t.rule_id = m.rule_id and t.app_id = m.app_id
    where m.report_date in {{ days_of_run() }}
        and coalesce(m.sample_size, 0) >= r.minimum_volume

)

select
    conversion_id,
    report_date,
    rule_id::varchar(8) as rule_id,
    severity::varchar(16) as severity,
    traffic::varchar(8) as traffic,
    (detail || case when hits = 'yes' then '' else ', ' || replace(hits, '_', ' ') || ' ' || {{ plain_number('threshold') }} || ' ' || unit end)::varchar(256)
        as evidence,
    value::numeric(20, 8) as value,
    threshold::numeric(20, 8) as threshold,
    sample_size::bigint as sample_size
from judged
where (hits = 'below' and value < threshold)
    or (hits = 'at_most' and value <= threshold)
    or (hits = 'above' and value > threshold)
    or (hits = 'yes' and value = 1)
