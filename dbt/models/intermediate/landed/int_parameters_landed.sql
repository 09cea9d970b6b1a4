{{ config(incremental_strategy='replace_loads', sort='dt') }}

select
    p.load_id, p.dt, p.hr, p.receipt_date, p.source, p.parameter,
    count(distinct p.postback_id) as postbacks,
    count(distinct case when p.is_empty then p.postback_id end) as empty_in,
    count(distinct case when p.is_unresolved then p.postback_id end) as unresolved_in,
    min(p.received_at) as first_received_at,
    max(p.received_at) as last_received_at
from {{ ref('stg_mmp__parameters') }} as p
left join {{ ref('parameter_map') }} as mapped on mapped.source = p.source and mapped.parameter = p.parameter
left join {{ ref('ignored_parameters') }} as ignored on ignored.source = p.source and ignored.parameter = p.parameter
where {{ arrivals_of_run('postbacks') }}
    and p.is_verified
    and mapped.source is null
    and ignored.source is null
group by p.load_id, p.dt, p.hr, p.receipt_date, p.source, p.parameter
