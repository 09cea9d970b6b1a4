{{ config(materialized='view', bind=false) }}

with levels as (

    select * from {{ ref('trend_levels') }} where trend = 'unmapped'

),

horizon as (

    select max(last_received_at) as newest_at from {{ ref('rpt_unmapped_parameters') }}

),

counted as (

    select
        p.source,
        count(*) as parameters,
        sum(case when p.first_received_at > dateadd(day, -levels.look_back_days::int, horizon.newest_at) then 1 else 0 end) as new_parameters,
        sum(p.postbacks) as postbacks
    from {{ ref('rpt_unmapped_parameters') }} as p
    cross join levels
    cross join horizon
    group by p.source

)

select
    c.source::varchar(64) as source,
    c.parameters::int as parameters,
    c.new_parameters::int as new_parameters,
    c.postbacks::bigint as postbacks,
    {{ level('c.new_parameters', 'c.parameters') }} as level
from counted as c
cross join levels
