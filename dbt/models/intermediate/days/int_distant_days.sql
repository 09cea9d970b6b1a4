{{ config(incremental_strategy='replace_run') }}

-- int_identity_days is narrow enough to be asked about all history.
select distinct {{ run_id() }}::varchar(250) as run_id, elsewhere.receipt_date
from {{ ref('int_postbacks_landed') }} as told
join {{ ref('int_identity_days') }} as elsewhere
    on elsewhere.identity_number = {{ identity_number('told.identity_key') }} and elsewhere.identity_key = told.identity_key
where told.is_verified
    and told.has_identity
    and told.receipt_date in {{ days_of_run() }}
    and not (elsewhere.receipt_date between {{ first_day_read() }} and {{ last_day_read() }})
