with source as (

    select * from {{ source('billing', 'decisions') }}

),

ranked as (

    select
        conversion_id, decision, reason, decided_by, decided_at,
        row_number() over (partition by conversion_id order by decided_at desc, decision desc, reason desc, decided_by desc) as newest_first
    from source

)

select conversion_id, decision, reason, decided_by, decided_at
from ranked
where newest_first = 1
