{{ config(sort='report_date') }}

with installs as (

    select conversion_id, report_date, datediff(second, clicked_at, installed_at) as seconds_to_install
    from {{ ref('int_conversions') }}
    where report_date in {{ days_of_run() }}
        and event_kind = 'install'
        and clicked_at is not null
        and installed_at is not null

),

rules as (

    select rule_id, severity, traffic, threshold from {{ ref('fraud_rules') }} where status = 'active'

),

-- F1: installed within seconds of the click.
f1 as (

    select
        installs.conversion_id, installs.report_date, rules.rule_id, rules.severity, rules.traffic,
        'installed ' || seconds_to_install::varchar || ' s after the click, below ' || rules.threshold::int::varchar || ' s' as evidence
    from installs
    join rules on rules.rule_id = 'F1'
    where seconds_to_install >= 0 and seconds_to_install < rules.threshold

),

-- F14: installed after the click's look-back window.
f14 as (

    select
        installs.conversion_id, installs.report_date, rules.rule_id, rules.severity, rules.traffic,
        'installed ' || seconds_to_install::varchar || ' s after the click, beyond ' || rules.threshold::int::varchar || ' days' as evidence
    from installs
    join rules on rules.rule_id = 'F14'
    where seconds_to_install > rules.threshold * 86400

),

flags as (

    select * from f1
    union all
    select * from f14

)

select
    conversion_id,
    report_date,
    rule_id::varchar(8) as rule_id,
    severity::varchar(16) as severity,
    traffic::varchar(8) as traffic,
    evidence::varchar(256) as evidence
from flags
