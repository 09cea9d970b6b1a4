{{ config(meta={'day_column': 'receipt_date'}, sort='receipt_date') }}

with firsts as (

    select
        receipt_date, source, event_kind,
        case
            when occurred_at is null then 'unknown'
            -- Clocks of devices and MMPs differ by minutes.
            when occurred_at > dateadd(minute, 5, received_at) then 'before it happened'
            when received_at <= dateadd(hour, 1, occurred_at) then 'within an hour'
            when received_at <= dateadd(day, 1, occurred_at) then 'within a day'
            when received_at <= dateadd(day, 7, occurred_at) then 'within 7 days'
            else 'later'
        end as age,
        -- The archive's hour is that of the first delivery by the queue.
        dateadd(hour, hr, dt::timestamp) >= dateadd(hour, 1, received_at) as has_waited
    from {{ ref('fct_postbacks') }}
    where copy_kind = 'first' and receipt_date in {{ days_of_run() }}

)

select
    receipt_date::date as receipt_date,
    source::varchar(64) as source,
    event_kind::varchar(16) as event_kind,
    age::varchar(32) as age,
    count(*)::int as conversions,
    sum(case when has_waited then 1 else 0 end)::int as archived_late,
    {{ run_id() }}::varchar(250) as run_id
from firsts
group by receipt_date, source, event_kind, age
