-- Days that new data touched but that lie too far from those asked for. Nobody rebuilt them: ask for them.
{{ config(severity='warn', tags=['run']) }}

select report_date, reasons
from {{ ref('int_days_to_process') }}
where run_id = {{ run_id() }} and not is_within_window
