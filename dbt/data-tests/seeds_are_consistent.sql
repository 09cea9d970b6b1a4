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

union all
select 'currencies', code from {{ ref('currencies') }} group by code having count(*) > 1

union all
select 'input_flags', flag from {{ ref('input_flags') }} group by flag having count(*) > 1

union all
select 'ignored_parameters', source || ' ' || parameter
from {{ ref('ignored_parameters') }}
group by source, parameter
having count(*) > 1

union all
select 'ignored_parameters that the map takes in', i.source || ' ' || i.parameter
from {{ ref('ignored_parameters') }} as i
join {{ ref('parameter_map') }} as p on p.source = i.source and p.parameter = i.parameter

union all
select 'parameter_map without sources', p.source
from {{ ref('parameter_map') }} as p
left join {{ ref('sources') }} as s on s.source = p.source
where s.source is null

union all
select 'parameter_map: no such column or format', source || ' ' || column_name || ' ' || format
from {{ ref('parameter_map') }}
where not case
    when column_name in ('clicked_at', 'installed_at', 'event_at', 'store_clicked_at', 'install_began_at')
        then format ~ '^(seconds|millis|utc|local)( (seconds|millis|utc))*$'
    when column_name = 'sale_amount' then format in ('decimal', 'cents')
    when column_name = 'rejected' then format in ('flag', 'rejection')
    when column_name in ('click_id', 'affiliate_id', 'offer_id', 'goal_id', 'app_id', 'device_id', 'activity_kind', 'event_name', 'event_id',
        'reject_reason', 'sub_site_id', 'advertising_id', 'device_ip', 'click_ip', 'country', 'user_agent', 'device_model', 'os_version',
        'app_version', 'sdk_version', 'sale_currency') then format = 'text'
    else false
end

union all
select 'parameter_map: names are in lower case', source || ' ' || parameter
from {{ ref('parameter_map') }}
where parameter <> lower(parameter) or parameter ~ '["'']'

union all
select 'event_identity: names are in lower case', source || ' ' || event_name
from {{ ref('event_identity') }}
where event_name <> lower(event_name)
