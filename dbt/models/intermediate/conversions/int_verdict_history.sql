{{ config(sort='report_date') }}

select
    c.conversion_id,
    c.report_date,
    row_number() over (partition by p.conversion_id order by p.received_at, p.postback_id) as position,
    p.postback_id,
    p.received_at as since,
    p.verdict,
    p.reject_reason,
    case when p.reject_reason is not null then coalesce(r.normalised, 'unknown') end as reject_reason_normalised
from {{ ref('int_conversions') }} as c
join {{ ref('fct_postbacks') }} as p on p.conversion_id = c.conversion_id
left join {{ ref('reject_reasons') }} as r on {{ is_reason('r.reject_reason', 'p.reject_reason') }}
where c.report_date in {{ days_of_run() }}
    and p.copy_kind in ('first', 'verdict_update')
    and {{ within_reach('p.receipt_date') }}
