-- What the route file called rejected at receipt is what the parameter map calls rejected.
{{ config(severity='warn', tags=['run']) }}

select postback_id, source, is_mmp_rejected, is_rejected_by_map
from {{ ref('int_postbacks_landed') }}
where is_verified
    and is_mmp_rejected <> is_rejected_by_map
    and receipt_date in {{ days_of_run() }}
    and load_id in {{ loads_in_force('postbacks') }}
