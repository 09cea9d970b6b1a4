-- Every row of TUNE's that counts in the window stands on exactly one day of the matches, once its day or its conversion's day was built.
{{ config(tags=['run']) }}

select t.tune_conversion_id
from {{ ref('int_tune_conversions') }} as t
left join {{ ref('int_tune_matches') }} as m on m.tune_conversion_id = t.tune_conversion_id
where t.tune_date in {{ days_of_run() }}
group by t.tune_conversion_id
having count(m.tune_conversion_id) <> 1
