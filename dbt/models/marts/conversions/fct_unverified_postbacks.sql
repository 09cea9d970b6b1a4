{{ config(meta={'day_column': 'receipt_date'}, sort='receipt_date') }}

with lines as (

    select p.*
    from {{ ref('int_postbacks_landed') }} as p
    where not p.is_verified
        and p.receipt_date in {{ days_of_run() }}
        and p.load_id in {{ loads_in_force('postbacks') }}

),

numbered as (

    select
        lines.*,
        row_number() over (partition by postback_id order by archived_at, receive_count, message_id, dt, hr, load_id) as nth_line,
        dense_rank() over (partition by postback_id order by archived_at, receive_count, message_id) as nth_delivery
    from lines

),

postbacks as (

    select *
    from (select numbered.*, max(nth_delivery) over (partition by postback_id) as deliveries from numbered) as counted
    where nth_line = 1

)

select
    p.postback_id::varchar(36) as postback_id,
    p.receipt_date::date as receipt_date,
    p.received_at::timestamp as received_at,
    p.source::varchar(64) as source,
    p.receipt_verdict::varchar(16) as verdict,
    p.ip_verdict::varchar(16) as ip_verdict,
    p.deliveries::int as deliveries,
    p.dt::date as dt,
    p.hr::smallint as hr,
    {{ run_id() }}::varchar(250) as run_id,
    p.load_id::varchar(36) as load_id,
    p.loaded_at::timestamp as loaded_at
from postbacks as p
