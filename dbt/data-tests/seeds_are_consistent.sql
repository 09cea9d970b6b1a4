-- Keys of the seeds that stand twice, and sources that one seed knows and another does not.
{{ config(tags=['setup']) }}

select 'parameter_map' as seed, source || ' ' || column_name || ' ' || preference::varchar as key
from {{ ref('parameter_map') }}
group by source, column_name, preference
having count(*) > 1

union all
select 'event_identity', source || ' ' || event_kind || ' ' || event_name || ' ' || preference::varchar
from {{ ref('event_identity') }}
group by source, event_kind, event_name, preference
having count(*) > 1

union all
select 'event_identity without sources', i.source
from {{ ref('event_identity') }} as i
left join {{ ref('sources') }} as s on s.source = i.source
where s.source is null

union all
select 'parameter_map without identity', p.source
from {{ ref('parameter_map') }} as p
left join {{ ref('event_identity') }} as i on i.source = p.source
where i.source is null

union all
select 'fraud_rules', rule_id from {{ ref('fraud_rules') }} group by rule_id having count(*) > 1

union all
select 'fraud_rules that are neither active nor need anything', rule_id
from {{ ref('fraud_rules') }}
where not (status = 'active' or status like 'needs: _%')
    or hits not in ('below', 'at_most', 'above', 'yes')
    or severity not in ('deterministic', 'heuristic')
    or threshold is null or minimum_volume is null or unit is null

union all
select 'fraud_thresholds', rule_id || ' ' || app_id from {{ ref('fraud_thresholds') }} group by rule_id, app_id having count(*) > 1

union all
select 'fraud_thresholds without fraud_rules', t.rule_id
from {{ ref('fraud_thresholds') }} as t
left join {{ ref('fraud_rules') }} as r on r.rule_id = t.rule_id
where r.rule_id is null

union all
select 'reject_reasons', reject_reason from {{ ref('reject_reasons') }} group by reject_reason having count(*) > 1

union all
select 'tune_status_codes', status_code::varchar from {{ ref('tune_status_codes') }} group by status_code having count(*) > 1

union all
select 'sources', source from {{ ref('sources') }} group by source having count(*) > 1
