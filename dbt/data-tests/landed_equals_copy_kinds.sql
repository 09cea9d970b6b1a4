-- Every verified postback that landed for the run's days is one row of fct_postbacks, so one copy kind, and nothing else is.
{{ config(tags=['run']) }}

with landed as (

    select distinct p.postback_id, p.receipt_date
    from {{ ref('stg_mmp__postbacks') }} as p
    where p.dt between {{ arrivals_of_days('min') }} and {{ arrivals_of_days('max') }}
        and p.is_verified
        and p.receipt_date in {{ days_of_run() }}

),

kept as (

    select postback_id, receipt_date from {{ ref('fct_postbacks') }} where receipt_date in {{ days_of_run() }}

)

select coalesce(landed.postback_id, kept.postback_id) as postback_id
from landed
full outer join kept on kept.postback_id = landed.postback_id and kept.receipt_date = landed.receipt_date
where landed.postback_id is null or kept.postback_id is null
