with source as (

    select * from {{ source('landing', 'loads') }}

),

ranked as (

    select
        load_id, table_name, dt, hr, rows, status, loaded_at,
        row_number() over (partition by table_name, dt, hr order by loaded_at desc, load_id desc) as newest_first
    from source

)

select load_id, table_name, dt, hr, rows, status, loaded_at
from ranked
where newest_first = 1
