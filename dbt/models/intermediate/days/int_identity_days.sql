{{ config(incremental_strategy='replace_loads', sort='identity_number') }}

-- Narrow enough to be asked about all history, where int_postbacks_landed is asked about a window.
select distinct load_id, identity_key, {{ identity_number('identity_key') }} as identity_number, receipt_date
from {{ ref('int_postbacks_landed') }}
where is_verified
    and load_id in (select load_id from {{ ref('int_run_loads') }} where run_id = {{ run_id() }} and table_name = 'postbacks')
