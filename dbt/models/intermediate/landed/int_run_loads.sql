{{ config(
    incremental_strategy='replace_run',
    pre_hook="{{ start_run() }}",
    post_hook="{{ take_loads() }}"
) }}

with ledger as (

    select * from {{ ref('stg_ledger__loads') }} where status <> 'purged'

),

-- The UTC days of the requested report dates: read again, so that redoing a day uses the newest staging code.
requested as (

    {% for day in var('days') -%}
    select {{ first_arrival(day) }} as first_dt, {{ last_arrival(day) }} as last_dt
    {{ 'union all' if not loop.last }}
    {% else -%}
    select null::date as first_dt, null::date as last_dt
    {% endfor %}

),

taken as (

    select distinct load_id from {{ taken_loads() }} as finished

),

listed as (

    select
        ledger.load_id, ledger.table_name, ledger.dt, ledger.hr, ledger.rows, ledger.loaded_at,
        taken.load_id is null as is_new,
        exists (select 1 from requested where ledger.dt between requested.first_dt and requested.last_dt) as is_requested
    from ledger
    left join taken on taken.load_id = ledger.load_id

)

select
    {{ run_id() }}::varchar(250) as run_id,
    load_id::varchar(36) as load_id,
    table_name::varchar(64) as table_name,
    dt,
    hr,
    rows,
    loaded_at,
    is_new
from listed
where is_new or is_requested
