{{ config(materialized='view', bind=false) }}

-- Also days without a row in any mart: the statistics alone cannot tell a day of zeros from one that nobody has looked at.
select distinct d.report_date
from {{ ref('int_days_to_process') }} as d
join {{ source('ops', 'runs') }} as r on r.run_id = d.run_id
where d.is_within_window and r.status = 'finished'
