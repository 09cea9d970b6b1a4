{{ config(incremental_strategy='replace_all') }}

with landed as (

    select * from {{ ref('int_parameters_landed') }} where load_id in {{ loads_in_force('postbacks') }}

),

-- The map of today: a row that was added since takes its parameter from the list.
known as (

    select source, parameter from {{ ref('parameter_map') }}
    union
    select source, parameter from {{ ref('ignored_parameters') }}

)

select
    landed.source::varchar(64) as source,
    landed.parameter::varchar(64) as parameter,
    sum(landed.postbacks)::bigint as postbacks,
    sum(landed.empty_in)::bigint as empty_in,
    sum(landed.unresolved_in)::bigint as unresolved_in,
    count(distinct landed.receipt_date)::int as days,
    min(landed.first_received_at)::timestamp as first_received_at,
    max(landed.last_received_at)::timestamp as last_received_at
from landed
left join known on known.source = landed.source and known.parameter = landed.parameter
where known.source is null
group by landed.source, landed.parameter
