{{ config(sort='report_date') }}

select
    c.conversion_id,
    c.report_date,
    c.is_rejected,
    d.decision,
    t.tune_conversion_id is not null as has_tune_row,
    t.status as tune_status,
    coalesce(code.is_test, false) as is_tune_test,
    c.is_unknown_to_tune,
    c.is_awaiting_answer,
    c.tune_was_asked,
    coalesce(t.payout, p.payout) is not null
    and coalesce(t.revenue, p.revenue) is not null
    and coalesce(t.currency, p.currency) is not null as has_price,
    parties.advertiser_id is not null and parties.affiliate_id is not null as has_parties,
    c.click_id is not null as has_click,
    f.severities,
    coalesce(s.paused_at_conversion, 'unknown') as paused_at_conversion,
    c.possible_repeat,
    c.has_flagged_money or t.input_flags is not null as has_flagged_money,
    coalesce(m.is_rejected, false) as is_rejected_by_report
from {{ ref('int_conversions') }} as c
left join {{ ref('int_tune_matches') }} as t
    on t.conversion_id = c.conversion_id and t.report_date = c.report_date and t.is_deciding
left join {{ ref('tune_status_codes') }} as code on code.status_code::varchar = t.status_code
left join {{ ref('int_conversion_prices') }} as p on p.conversion_id = c.conversion_id and p.report_date = c.report_date
left join {{ ref('int_conversion_statuses') }} as s on s.conversion_id = c.conversion_id and s.report_date = c.report_date
left join {{ ref('int_conversion_parties') }} as parties on parties.conversion_id = c.conversion_id and parties.report_date = c.report_date
left join (
    select conversion_id, report_date, min(severity) as severities -- deterministic sorts before heuristic
    from {{ ref('int_conversion_flags') }}
    group by conversion_id, report_date
) as f on f.conversion_id = c.conversion_id and f.report_date = c.report_date
left join {{ ref('int_mmp_matches') }} as m on m.conversion_id = c.conversion_id and m.report_date = c.report_date
left join {{ ref('stg_billing__decisions') }} as d on d.conversion_id = c.conversion_id
where c.report_date in {{ days_of_run() }}
