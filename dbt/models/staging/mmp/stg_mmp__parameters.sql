with source as (

    select p.* from {{ source('landing', 'postbacks') }} as p

),

unpivoted as (

    select
        p.payload."postback_id"::varchar(36) as postback_id,
        p.payload."received_at"::varchar(32)::timestamp as received_at,
        p.payload."source"::varchar(64) as source,
        p.payload."verified"::boolean as is_verified,
        attribute::varchar(512) as name,
        btrim(element::varchar(256)) as value,
        p.dt,
        p.hr,
        p.load_id
    from source as p, unpivot p.payload."params" as element at attribute

)

select
    postback_id,
    received_at,
    {{ local_date('received_at') }} as receipt_date,
    source,
    is_verified,
    -- A query that was encoded twice, or a bare value, stands in the place of a name: it may hold device ids and is not kept.
    case when name ~ '^[a-z_~$][a-z0-9_.~$-]{0,63}$' and name !~ '[0-9a-f]{8}' then name else '(other)' end::varchar(64) as parameter,
    coalesce(value = '', false) as is_empty,
    coalesce(value <> '' and {{ sent('value') }} is null, false) as is_unresolved,
    dt, hr, load_id
from unpivoted
