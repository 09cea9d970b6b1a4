{{ config(
    incremental_strategy='replace_days',
    meta={'dates_model': 'int_click_days_to_process', 'day_column': 'click_date'},
    sort='click_date'
) }}

select c.click_date, c.site, c.user_agent, count(*) as clicks
from {{ ref('int_tune_clicks') }} as c
where c.click_date in (select report_date from {{ ref('int_click_days_to_process') }} where run_id = {{ run_id() }})
    and c.site is not null
group by c.click_date, c.site, c.user_agent
