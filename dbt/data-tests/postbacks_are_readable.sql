-- What the MMPs sent and we could not read or not believe, with what was made of it. The rows are in the marts all the same.
{{ config(severity='warn', tags=['run']) }}

select p.source, flags.flag, flags.meaning, count(*) as postbacks, min(p.postback_id) as one_of_them
from {{ ref('fct_postbacks') }} as p
left join {{ ref('input_flags') }} as flags on ',' || p.input_flags || ',' like '%,' || flags.flag || ',%'
where p.receipt_date in {{ days_of_run() }}
    and p.input_flags is not null
group by p.source, flags.flag, flags.meaning
