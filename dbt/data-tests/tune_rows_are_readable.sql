-- What of TUNE's rows we could not read, with what was made of it. The rows are in the marts all the same.
{{ config(severity='warn', tags=['run']) }}

select flags.flag, flags.meaning, count(*) as tune_rows, min(r.tune_conversion_id) as one_of_them
from {{ ref('fct_tune_reconciliation') }} as r
left join {{ ref('input_flags') }} as flags on ',' || r.tune_flags || ',' like '%,' || flags.flag || ',%'
where r.report_date in {{ days_of_run() }}
    and r.tune_flags is not null
group by flags.flag, flags.meaning
