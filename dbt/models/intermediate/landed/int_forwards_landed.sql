{{ config(incremental_strategy='replace_loads', sort='dt') }}

select distinct
    attempt_id, postback_id, route, destination, attempt, replay_id, attempted_at, outcome, reason, is_final, dt, hr, load_id, loaded_at
from {{ ref('stg_forward__attempts') }}
where {{ arrivals_of_run('forwards') }}
