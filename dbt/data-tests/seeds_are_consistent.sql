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
select 'reject_reasons', reject_reason from {{ ref('reject_reasons') }} group by reject_reason having count(*) > 1

union all
select 'tune_status_codes', status_code::varchar from {{ ref('tune_status_codes') }} group by status_code having count(*) > 1

union all
select 'sources', source from {{ ref('sources') }} group by source having count(*) > 1
